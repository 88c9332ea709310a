import gzip
from pathlib import Path

from service.files.static import read_files
from service.settings import PLAYGROUND


def test_files_are_known_by_the_names_that_a_browser_asks_for(tmp_path: Path) -> None:
    (tmp_path / "index.html.gz").write_bytes(gzip.compress(b"<p>"))
    (tmp_path / "worker-AbC_-123.js").write_bytes(b"1")
    (tmp_path / "folder").mkdir()
    files = read_files(tmp_path)
    assert files.keys() == {"index.html", "worker-AbC_-123.js"}
    page, script = files["index.html"], files["worker-AbC_-123.js"]
    assert (page.compressed, page.immutable, page.media_type) == (True, False, "text/html; charset=utf-8")
    assert (script.compressed, script.immutable, script.media_type) == (False, True, "text/javascript; charset=utf-8")


def test_another_content_has_another_digest(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"1")
    (tmp_path / "b.txt").write_bytes(b"2")
    files = read_files(tmp_path)
    assert files["a.txt"].digest != files["b.txt"].digest


def test_a_file_is_inflated_piece_by_piece(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "large.wasm.gz").write_bytes(gzip.compress(content))
    pieces = list(read_files(tmp_path)["large.wasm"].inflated())
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 64 * 1024


def test_the_bundled_page_says_whose_work_is_in_it() -> None:
    licences = b"".join(read_files(PLAYGROUND)["licences.txt"].inflated()).decode()
    for package in ("Unicode Character Database", "preact", "valibot"):
        assert f"## {package}" in licences


def test_the_bundled_files_say_nothing_of_when_and_where_they_were_made() -> None:
    for path in PLAYGROUND.glob("*.gz"):
        header = path.read_bytes()[:10]
        assert header[:4] == b"\x1f\x8b\x08\x00"  # no name of a file
        assert header[4:8] == bytes(4)  # no time
