"""Files and folders that appear whole or not at all, even if the process is killed."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from service.files.durable import flush


@contextmanager
def durable_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing; on success it is flushed to disk and replaces `path`, on an error the old file stays."""
    aside = path.with_name(path.name + ".part")
    with aside.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def write_json(path: Path, value: object) -> None:
    """Write JSON to a durable file."""
    with durable_file(path) as file:
        file.write(json.dumps(value, ensure_ascii=False, indent=1).encode())


@contextmanager
def durable_folder(destination: Path) -> Iterator[Path]:
    """Open an empty folder to fill; on success it is flushed to disk and replaces `destination` as a whole.

    On an error the old folder stays.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=f".{destination.name}-") as scratch:
        fresh, old = Path(scratch) / "new", Path(scratch) / "old"
        fresh.mkdir()
        yield fresh
        for path in [*fresh.rglob("*"), fresh]:
            flush(path)
        if destination.exists():
            destination.rename(old)
        try:
            fresh.rename(destination)
        except OSError:
            if old.exists():
                old.rename(destination)
            raise
        flush(destination.parent)
