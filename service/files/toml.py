"""TOML files that an operator wrote."""

import tomllib
from pathlib import Path
from typing import Any

from service.user_error import UserError


def read_toml(path: Path, error: type[UserError]) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        path: of the file.
        error: what to raise if that fails, with one line that says why.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as failure:
        raise error(f"{path} can't be read: {failure.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise error(f"{path} is not TOML") from None
