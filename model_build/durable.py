"""Files that are whole or absent, whenever the run is stopped."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def durable_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write: it is written aside, flushed to disk and renamed; on an error the old one stays."""
    aside = path.with_name(path.name + ".part")
    with aside.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
