"""Notices changes of a file without checking it at every request."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

LOOK_EVERY_S = 1.0
Version = tuple[int, int, int] | None


class WatchedFile:
    """Checks a file at most once a second."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        self._path, self._clock = path, clock
        self._version = version_of(path)
        self._look_at = clock() + LOOK_EVERY_S

    def changed(self, *, now: bool = False) -> bool:
        """Whether the file has changed since the last call; `now`: check in any case."""
        if not now and self._clock() < self._look_at:
            return False
        self._look_at = self._clock() + LOOK_EVERY_S
        before, self._version = self._version, version_of(self._path)
        return self._version != before


def version_of(path: Path) -> Version:
    """What tells one state of a file from another; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
