from pathlib import Path

import pytest

from model_build.common.errors import CorpusError
from model_build.common.tsv import stem_of
from model_build.corpus.dedup import excluded_texts, normalise
from model_build.recipe import CorpusRecipe


def test_normalising() -> None:
    assert normalise(" a\tb\u0007 c\n") == "a b c"
    assert normalise("e\u0301") == "é"
    assert stem_of(Path("x/wiki_en.txt.xz")) == "wiki_en"


def test_excluded_files_give_their_lines_cells_and_rows(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("a line\n")
    (tmp_path / "own.tsv").write_text("title\tabout\tid\nfirst\tsecond\t7\n")
    found = excluded_texts(recipe("mine.txt", "*.tsv"), tmp_path)
    assert found == {"a line", "first", "second", "7", "first. second"}
    with pytest.raises(CorpusError, match=r"no file below .* matches none"):
        excluded_texts(recipe("none"), tmp_path)


def recipe(*excluded: str) -> CorpusRecipe:
    return CorpusRecipe(files=("*.txt",), excluded=excluded, tsv_columns=("title", "about"))
