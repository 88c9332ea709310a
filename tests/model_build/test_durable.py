from pathlib import Path

import pytest

from model_build.durable import durable_file


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
