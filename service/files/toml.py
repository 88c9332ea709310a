"""TOML files that an operator wrote."""

import tomllib
from pathlib import Path
from typing import Any

from service.files.regular import explained
from service.user_error import UserError


def read_toml(path: Path, error: type[UserError]) -> dict[str, Any]:
    """Read a TOML file, or raise `error`, saying in one line why not."""
    with explained(path, error):
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            raise error(f"{path} is not TOML") from None
