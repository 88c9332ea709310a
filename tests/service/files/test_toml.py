from pathlib import Path

import pytest

from service.files.toml import read_toml
from service.user_error import UserError


class WrongError(UserError):
    """Stands for the error of whoever reads the file."""


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("one = 1\n[two]\nthree = [4]\n")
    assert read_toml(tmp_path / "a.toml", WrongError) == {"one": 1, "two": {"three": [4]}}


@pytest.mark.parametrize("content", [b"one = ", b"\xff"])
def test_what_is_no_toml_is_said_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(WrongError, match=f"^{path} is not TOML$"):
        read_toml(path, WrongError)


def test_what_can_not_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(WrongError, match="can't be read: No such file or directory"):
        read_toml(tmp_path / "none.toml", WrongError)
