from pathlib import Path

import pytest

from model_build.common.atomic import durable_file, durable_folder


def write_half(path: Path) -> None:
    with durable_file(path) as file:
        file.write(b"ne")
        raise KeyboardInterrupt


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    with durable_file(path) as file:
        file.write(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_half(path)
    assert path.read_bytes() == b"old"
    with durable_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def fill(place: Path, content: str, *, fail: bool = False) -> None:
    with durable_folder(place) as folder:
        (folder / "value.txt").write_text(content)
        if fail:
            raise KeyboardInterrupt


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "below" / "values"
    fill(place, "old")
    (place / "leftover.txt").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        fill(place, "ne", fail=True)
    assert (place / "value.txt").read_text() == "old"
    fill(place, "new")
    assert [path.name for path in place.iterdir()] == ["value.txt"]
    assert (place / "value.txt").read_text() == "new"
    assert [path.name for path in place.parent.iterdir()] == ["values"]
