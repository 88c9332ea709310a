from pathlib import Path

import pytest

from model_build.errors import CorpusError
from model_build.text_files import find_files, is_table, read_lines, read_rows, stem_of


def test_a_table_is_told_by_its_name() -> None:
    assert is_table(Path("a.tsv.xz"))
    assert not is_table(Path("tsv.txt"))
    assert stem_of(Path("x/a.b.tsv.xz")) == "a.b"


def test_files_come_in_the_order_of_their_names_and_once(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_files(["b*", "*.txt"], tmp_path)] == ["a.txt", "b.txt"]
    with pytest.raises(CorpusError, match=r"no file below .* matches c\*"):
        find_files(["*.txt", "c*"], tmp_path)


def test_rows_come_with_their_header(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("label\ttext\n1\tx y\n\n", encoding="utf-8")
    header, rows = read_rows(tmp_path / "a.tsv")
    assert header == ["label", "text"]
    assert list(rows) == [["1", "x y"], [""]]


def test_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("花呗".encode("gbk"))
    with pytest.raises(CorpusError, match="can't be read as UTF-8 text"):
        list(read_lines(tmp_path / "a.txt"))
