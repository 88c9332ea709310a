"""Notices changes of a file without checking it at every request."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

_LOOK_EVERY_S = 1.0
_Version = tuple[int, int, int] | None


class WatchedFile:
    """Checks a file at most once a second."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        self._path, self._clock = path, clock
        self._version = _version_of(path)
        self._look_at = clock() + _LOOK_EVERY_S

    def changed(self, *, now: bool = False) -> bool:
        """Whether the file has changed since the last call; `now`: check in any case."""
        if not now and self._clock() < self._look_at:
            return False
        self._look_at = self._clock() + _LOOK_EVERY_S
        before, self._version = self._version, _version_of(self._path)
        return self._version != before


def _version_of(path: Path) -> _Version:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
