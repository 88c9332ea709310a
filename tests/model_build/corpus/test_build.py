import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest

from model_build.common.errors import CorpusError
from model_build.common.tsv import find_files
from model_build.corpus.build import build_corpus, check_texts, load_corpus, save_corpus, source_name
from model_build.corpus.dedup import word_key
from model_build.corpus.queries import draw_queries
from model_build.recipe import CorpusRecipe
from tests.model_build.materials import texts


def recipe(**values: object) -> CorpusRecipe:
    return CorpusRecipe.model_validate({"files": ["*.txt*"], "heldout_texts": 10, **values})


def test_duplicates_and_evaluation_texts_are_dropped(tmp_path: Path) -> None:
    known = texts(300)
    shuffled = " ".join(reversed(known[0].split())).upper() + "!"
    (tmp_path / "a.txt").write_text("\n".join([*known, known[1], shuffled, "x", "  "]))
    corpus = build_corpus(recipe(query_share=0.0), tmp_path, excluded={known[2]}, seed=1)
    kept = set(corpus.texts) | set(corpus.heldout)
    assert known[1] in kept
    assert known[2] not in kept
    assert len({known[0], shuffled} & kept) == 1
    assert len(corpus.texts) + len(corpus.heldout) == len({word_key(text) for text in known}) - 1
    assert not set(corpus.texts) & set(corpus.heldout)


def test_compressed_files_and_tables_are_read(tmp_path: Path) -> None:
    known = texts(400)
    with lzma.open(tmp_path / "a.txt.xz", "wt") as file:
        file.write("\n".join(known[:200]))
    with gzip.open(tmp_path / "b.tsv.gz", "wt") as file:
        file.write("\n".join(["id\ttitle\tabout", *(f"{i}\t{text}\t" for i, text in enumerate(known[200:]))]))
    made = build_corpus(recipe(files=["*.xz", "*.gz"], tsv_columns=["title", "about"]), tmp_path, set(), seed=1)
    assert [(source.name, source.licence) for source in made.sources] == [("a", "not stated"), ("b", "not stated")]
    assert set(made.texts) | set(made.heldout) >= set(known)
    with pytest.raises(CorpusError, match=r"tsv_columns \(name\) must name columns of its header: id, title, about"):
        build_corpus(recipe(files=["*.gz"], tsv_columns=["name"]), tmp_path, set(), seed=1)


def test_caps_and_weights_limit_a_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("\n".join(f"{name} {text}" for text in texts(300)))
    corpus = build_corpus(recipe(texts_per_file=100, weights={"b": 0.5}), tmp_path, set(), seed=1)
    assert [source.texts for source in corpus.sources] == [100, 50]


def test_the_seed_decides(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(texts(500)))
    first, again, other = (build_corpus(recipe(texts_per_file=200), tmp_path, set(), seed=seed) for seed in (1, 1, 2))
    assert first.texts == again.texts
    assert np.array_equal(first.pairs, again.pairs)
    assert first.texts != other.texts


def test_saving_keeps_everything(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(texts(300)))
    corpus = build_corpus(recipe(), tmp_path, set(), seed=1)
    save_corpus(corpus, tmp_path)
    loaded = load_corpus(tmp_path)
    assert (loaded.texts, loaded.heldout, loaded.sources) == (corpus.texts, corpus.heldout, corpus.sources)
    assert np.array_equal(loaded.pairs, corpus.pairs)


def test_what_can_not_train_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="does not exist"):
        build_corpus(recipe(), tmp_path / "none", set(), seed=1)
    with pytest.raises(CorpusError, match=r"no file below .* matches \*\.txt"):
        build_corpus(recipe(), tmp_path, set(), seed=1)
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(CorpusError, match=r"has 0 usable texts .*; at least 100 are needed"):
        build_corpus(recipe(), tmp_path, set(), seed=1)
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\n")
    with pytest.raises(CorpusError, match="can't be read as UTF-8 text"):
        build_corpus(recipe(), tmp_path, set(), seed=1)
    (tmp_path / "a.txt").unlink()
    (tmp_path / "a.txt.xz").write_bytes(b"not xz")
    with pytest.raises(CorpusError, match="can't be read: "):
        build_corpus(recipe(), tmp_path, set(), seed=1)


def check(folder: Path, **values: object) -> None:
    chosen = recipe(**values)
    check_texts(chosen, find_files(chosen.files, folder), folder, set())


def test_enough_texts_are_counted_before_they_are_collected(tmp_path: Path) -> None:
    known = texts(150)
    (tmp_path / "a.txt").write_text("\n".join([*known, *known]))
    check(tmp_path)
    with pytest.raises(CorpusError, match=r"has 150 usable texts \(distinct, of 3 to 400 .*; at least 160 are needed"):
        check(tmp_path, heldout_texts=80)


def test_the_last_line_of_each_file_is_read_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\n".join([*texts(300), "花呗"]).encode("gbk"))
    with pytest.raises(CorpusError, match=r"a\.txt can't be read as UTF-8 text: line 301, byte 1 is 0xbb"):
        check(tmp_path)


def test_an_empty_file_among_others_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(texts(300)))
    with lzma.open(tmp_path / "b.txt.xz", "wt") as file:
        file.write("")
    with pytest.raises(CorpusError, match=r"b\.txt\.xz is empty"):
        check(tmp_path)


def test_a_corpus_has_compositions_before_its_queries(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join([*texts(300), *(f"name{place}" for place in range(100))]))
    plain, composed = (
        build_corpus(recipe(composition_share=share, query_share=0.5), tmp_path, set(), seed=1) for share in (0.0, 0.1)
    )
    base = len(plain.texts) - len(plain.pairs)
    assert composed.texts[:base] == plain.texts[:base]
    assert len(composed.texts) - len(composed.pairs) - base == round(0.1 * base)
    assert (composed.pairs[:, 0] >= base + round(0.1 * base)).all()


def test_each_cell_of_tables_with_other_headers_is_a_text(tmp_path: Path) -> None:
    known = texts(400)
    (tmp_path / "pairs.tsv").write_text(
        "\n".join(["label\tleft\tright", *(f"1\t{known[i]}\t{known[i + 1]}" for i in range(0, 200, 2)), "0\tonly left"])
    )
    (tmp_path / "queries.tsv").write_text("\n".join(["domain\tquery", *(f"shop\t{text}" for text in known[200:])]))
    chosen = recipe(files=["*.tsv"], tsv_columns=["query", "left", "right"], tsv_texts="cell", query_share=0.0)
    made = build_corpus(chosen, tmp_path, set(), seed=1)
    assert set(made.texts) | set(made.heldout) == {*known, "only left"}
    with pytest.raises(CorpusError, match=r"tsv_columns \(name\) must name columns of its header: label, left, right"):
        build_corpus(chosen.model_copy(update={"tsv_columns": ("name",)}), tmp_path, set(), seed=1)


def test_files_of_the_same_name_are_distinguished_by_their_folders() -> None:
    chosen = recipe(licences={"b/train": "MIT", "dev": "CC0"})
    names = [source_name(Path(path), chosen) for path in ("/d/a/train.tsv.xz", "/d/b/train.tsv.xz", "/d/b/dev.txt")]
    assert names == ["train", "b/train", "dev"]


def test_chinese_near_duplicates_are_dropped_and_give_no_queries(tmp_path: Path) -> None:
    base = [chr(0x4E00 + place) + chr(0x5E00 + place) + "怎么还款" for place in range(200)]
    (tmp_path / "a.txt").write_text(
        "\n".join([*base, base[0] + "!", base[1].replace("怎么", " 怎么 ")]), encoding="utf-8"
    )
    made = build_corpus(recipe(query_share=1.0), tmp_path, {base[2] + "."}, seed=1)
    assert len(made.texts) + len(made.heldout) == 199
    assert len(made.pairs) == 0
    assert draw_queries(["一 二 三 四 五 六 七"], share=1.0, seed=1) == {}
