import gzip
import lzma
import re
from collections.abc import Callable
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


@pytest.mark.parametrize("suffix", ["", ".xz", ".gz"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "a\nb\n花呗\n".encode("gbk"),
            "line 3 has the byte 0xbb; convert it from what it is in, for example",
        ),
        ("花呗".encode("utf-16"), "begins as UTF-16 does; convert it with: iconv -f UTF-16 -t UTF-8"),
        (b"\xff\x00\x01", "has bytes 0, so that it seems to be no text at all"),
    ],
)
def test_another_encoding_is_told(tmp_path: Path, content: bytes, told: str, suffix: str) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".xz": lzma.compress, ".gz": gzip.compress}
    (tmp_path / f"a.txt{suffix}").write_bytes(pack[suffix](content))
    with pytest.raises(CorpusError, match=rf"a\.txt{suffix} is not UTF-8 text: .*{re.escape(told)}"):
        list(read_lines(tmp_path / f"a.txt{suffix}"))


def test_a_torn_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt.xz").write_bytes(lzma.compress(b"text" * 1000)[:-20])
    with pytest.raises(CorpusError, match=r"a\.txt\.xz can't be read: "):
        list(read_lines(tmp_path / "a.txt.xz"))
