"""Atomic, durable writes: to a temporary file, flushed, renamed."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Flush a file, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    aside = path.with_name(path.name + ".part")
    aside.write_bytes(content)
    flush(aside)
    aside.replace(path)
    flush(path.parent)


def link(path: Path, target: Path) -> None:
    """Create or replace a symbolic link atomically."""
    aside = path.with_name(path.name + ".part")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target, target_is_directory=True)
    aside.replace(path)
    flush(path.parent)
