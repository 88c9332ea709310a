from pathlib import Path

import pytest

from service.files import durable


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"one", b"other"):
        durable.write(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_can_not_be_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.write(path, b"one")
    (tmp_path / "file.part").mkdir()
    with pytest.raises(IsADirectoryError):
        durable.write(path, b"other")
    assert path.read_bytes() == b"one"


def test_a_link_is_led_elsewhere(tmp_path: Path) -> None:
    link = tmp_path / "link"
    (tmp_path / "link.part").symlink_to("left over")
    for target in ("one", "other"):
        durable.link(link, Path(target))
        assert link.readlink() == Path(target)
    assert list(tmp_path.iterdir()) == [link]
