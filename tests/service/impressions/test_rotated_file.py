import resource
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from service.impressions.rotated_file import KEPT, RotatedFile

Open = Callable[[Path, int], RotatedFile]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The operating system writes no file longer than that: of a line that is, only the beginning."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens files that are closed after the test."""
    with ExitStack() as stack:

        def open_file(path: Path, max_bytes: int) -> RotatedFile:
            return stack.enter_context(closing(RotatedFile(path, max_bytes)))

        yield open_file


def test_lines_are_appended_also_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log"
    for line in (b"one\n", b"two\n"):
        file = RotatedFile(path, 1024)
        file.append(line)
        file.close()
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_line_is_written_at_once(tmp_path: Path, opened: Open) -> None:
    opened(tmp_path / "log", 1024).append(b"one\n")
    assert (tmp_path / "log").read_bytes() == b"one\n"


def test_a_full_file_is_put_aside_and_the_oldest_forgotten(tmp_path: Path, opened: Open) -> None:
    file = opened(tmp_path / "log", 8)
    for number in range(2 * (KEPT + 3)):
        file.append(b"%03d\n" % number)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["log", *(f"log.{number}" for number in range(1, KEPT + 1))]
    )
    assert (tmp_path / "log").read_bytes() == b"024\n025\n"
    assert (tmp_path / "log.1").read_bytes() == b"022\n023\n"
    assert (tmp_path / f"log.{KEPT}").read_bytes() == b"004\n005\n"


def test_a_file_that_was_full_before_is_put_aside(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "log").write_bytes(b"0123456789\n")
    opened(tmp_path / "log", 8).append(b"new\n")
    assert (tmp_path / "log").read_bytes() == b"new\n"
    assert (tmp_path / "log.1").read_bytes() == b"0123456789\n"


def test_a_line_longer_than_a_file_has_one_of_its_own(tmp_path: Path, opened: Open) -> None:
    file = opened(tmp_path / "log", 8)
    for line in (b"a\n", b"0123456789\n", b"b\n"):
        file.append(line)
    assert [(tmp_path / name).read_bytes() for name in ("log.2", "log.1", "log")] == [b"a\n", b"0123456789\n", b"b\n"]


def test_half_a_line_is_taken_back_and_the_next_one_stands_alone(tmp_path: Path, opened: Open) -> None:
    file = opened(tmp_path / "log", 1_000_000)
    file.append(b"1" * 600 + b"\n")
    with files_of_at_most(1000), pytest.raises(OSError, match="File too large"):
        file.append(b"2" * 600 + b"\n")
    assert (tmp_path / "log").stat().st_size == 601
    file.append(b"3\n")
    assert (tmp_path / "log").read_bytes() == b"1" * 600 + b"\n3\n"


def test_a_full_disk_is_reported(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "log").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        opened(tmp_path / "log", 1024).append(b"one\n")


def test_a_folder_that_can_not_be_made_is_reported_and_tried_again(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "folder").write_bytes(b"")
    file = opened(tmp_path / "folder" / "log", 1024)
    with pytest.raises(FileExistsError):
        file.append(b"one\n")
    (tmp_path / "folder").unlink()
    file.append(b"two\n")
    assert (tmp_path / "folder" / "log").read_bytes() == b"two\n"
