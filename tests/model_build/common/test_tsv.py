import gzip
import lzma
from pathlib import Path

import pytest

from model_build.common.errors import CorpusError, DataError
from model_build.common.tsv import find_files, is_table, read_lines, read_rows, read_table, stem_of
from tests.model_build.evaluation.benchmark import write_table


def test_a_table_is_reported_by_its_name() -> None:
    assert is_table(Path("a.tsv.xz"))
    assert not is_table(Path("tsv.txt"))
    assert stem_of(Path("x/a.b.tsv.xz")) == "a.b"


def test_files_come_in_the_order_of_their_names_and_once(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_files(["b*", "*.txt"], tmp_path)] == ["a.txt", "b.txt"]
    with pytest.raises(CorpusError, match=r"no file below .* matches c\*; it holds a\.txt, b\.txt$"):
        find_files(["*.txt", "c*"], tmp_path)


def test_rows_come_with_their_header(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("label\ttext\n1\tx y\n\n", encoding="utf-8")
    header, rows = read_rows(tmp_path / "a.tsv")
    assert header == ["label", "text"]
    assert list(rows) == [["1", "x y"], [""]]


def test_a_folder_that_is_none_is_reported(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match=r"matches \*; it is empty"):
        find_files(["*"], tmp_path / "empty")
    (tmp_path / "a.txt").touch()
    with pytest.raises(CorpusError, match=r"a\.txt is a file; the data folder is the one that holds it"):
        find_files(["*"], tmp_path / "a.txt")
    for pattern in ("/etc/*", ""):
        with pytest.raises(CorpusError, match="is no pattern of files below"):
            find_files([pattern], tmp_path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("label\ttext\n1\tx\n", encoding="utf-8-sig")
    assert read_rows(tmp_path / "a.tsv")[0] == ["label", "text"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", "plain\n花呗\n".encode("gbk"), "line 2, byte 1 is 0xbb; .* iconv -f GB18030"),
        ("a.txt.xz", lzma.compress("plain\n花呗\n".encode("gbk")), "line 2, byte 1 is 0xbb; .* iconv -f GB18030"),
        ("a.txt", "花呗".encode("utf-16"), "line 1, byte 1 is 0xff; .* iconv -f UTF-16"),
        ("a.txt", b"a zero\0byte\n", "line 1 holds a zero byte; it is a binary file"),
        ("a.txt.gz", gzip.compress(bytes(range(9)), mtime=0), "line 1 holds a zero byte; it is a binary file"),
    ],
)
def test_what_is_no_utf8_text_is_reported(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError, match=f"{name} can't be read as UTF-8 text: {told}") as caught:
        list(read_lines(tmp_path / name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt.xz", b"torn"),
        ("a.txt.gz", gzip.compress(b"a text\n" * 99, mtime=0)[:-9]),
        ("a.gz", b"\x1f\x8b\x08\0torn torn"),
    ],
)
def test_a_torn_file_is_reported(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError, match=f"{name} can't be read: "):
        list(read_lines(tmp_path / name))


def test_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    write_table(tmp_path / "a.tsv.xz", "x|y|z", '1|"2|3', "4||6")
    assert read_table(tmp_path / "a.tsv.xz", ("z", "y")) == [("3", '"2'), ("6", "")]


def test_a_missing_file_is_named_with_its_columns(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.tsv\.xz is missing; .* columns x, y"):
        read_table(tmp_path / "a.tsv.xz", ("x", "y"))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write_table(tmp_path / "a.tsv.xz", "x", "1")
    with pytest.raises(DataError, match="has no column 'y'"):
        read_table(tmp_path / "a.tsv.xz", ("x", "y"))


def test_a_row_of_another_width_is_named(tmp_path: Path) -> None:
    write_table(tmp_path / "a.tsv.xz", "x|y", "1|2", "3")
    with pytest.raises(DataError, match="line 3: 1 columns, but the header has 2"):
        read_table(tmp_path / "a.tsv.xz", ("x",))


@pytest.mark.parametrize("content", [b"plain text", b""])
def test_a_file_that_is_not_xz_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tsv.xz"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_table(path, ("x",))
