"""A file of fixed size that all workers have mapped, and locks that no death leaves behind."""

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
    """Whether this operating system has the locks."""
    return fcntl is not None


class SharedFile:
    """Zeroes at first; every process that names the same path and size sees the same bytes.

    What is done under a lock takes microseconds. A process that dies lets go of its locks; one that was stopped with a
    lock in its hand does not, and nobody waits for it longer than a few milliseconds.

    Attributes:
        memory: the bytes.
    """

    def __init__(self, path: Path, size: int) -> None:
        """Map it; the first one makes it."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._descriptor, size)
        self.memory = mmap.mmap(self._descriptor, size)

    @contextmanager
    def locked(self, at: int = 0) -> Iterator[bool]:
        """Hold the lock of that number, which has nothing to do with the bytes. Gives whether it could be had."""
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
                    time.sleep(_PAUSE_S)  # whoever holds it may be waiting for this core
            else:
                return True
        return False
