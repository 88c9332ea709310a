from pathlib import Path

from service.files.watched import WatchedFile
from tests.service.clocks import Clock


def test_a_change_is_reported_once_and_not_before_a_second_has_passed(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "file"
    path.write_text("one")
    file = WatchedFile(path, clock)
    path.write_text("other")
    assert not file.changed()
    clock.now = 1
    assert file.changed()
    clock.now = 3
    assert not file.changed()


def test_a_file_that_comes_and_goes_has_changed(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "file"
    file = WatchedFile(path, clock)
    path.touch()
    clock.now = 1
    assert file.changed()
    path.unlink()
    clock.now = 2
    assert file.changed()
