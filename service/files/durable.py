"""What is on the disk stays there: written aside, flushed, renamed."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Have a file's or a folder's entries reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(path.name + ".part")
    aside.write_bytes(content)
    flush(aside)
    aside.replace(path)
    flush(path.parent)


def link(path: Path, target: Path) -> None:
    """Have a symbolic link lead to a target, in the place of whatever it led to; at no moment is there none."""
    aside = path.with_name(path.name + ".part")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target, target_is_directory=True)
    aside.replace(path)
    flush(path.parent)
