"""A mapped file of fixed size that workers share, with locks that end with their process."""

import mmap
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: workers share nothing there
    fcntl = None  # type: ignore[assignment]

_TRIES, _EAGER_TRIES, _PAUSE_S = 80, 40, 0.0001


def can_share() -> bool:
    """Whether the operating system has the locks."""
    return fcntl is not None


class SharedFile:
    """Initially zeros; processes that map the same path and size share the bytes.

    Locks are held for microseconds. A process that dies releases its locks; one that is stopped does not, and others
    wait for it a few milliseconds at most.
    """

    def __init__(self, path: Path, size: int) -> None:
        """Map the file, created if absent."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._descriptor, size)
        self.memory = mmap.mmap(self._descriptor, size)

    @contextmanager
    def locked(self, at: int = 0) -> Iterator[bool]:
        """Take the lock with a number, which is unrelated to the bytes; yields whether it was available."""
        held = self._lock(at)
        try:
            yield held
        finally:
            if held:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, at)

    def _lock(self, at: int) -> bool:
        for tried in range(_TRIES):
            try:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
            except OSError:
                if tried >= _EAGER_TRIES:
                    time.sleep(_PAUSE_S)  # its owner may be waiting for this core
            else:
                return True
        return False
