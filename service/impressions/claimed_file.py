"""A file of the impression log that one process writes; its successor continues it."""

import os
from pathlib import Path

from service.impressions.rotated_file import RotatedFile

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_MOST = 4096


class ClaimedFile:
    """Appends lines to the first of `impressions-N.jsonl` that no other process writes. Used from one thread.

    A file's lock ends with its process. On systems without such locks, N is the process id.
    """

    def __init__(self, folder: Path, first: int, max_bytes: int) -> None:
        """Name the folder; it is created, and a file claimed, N being `first` or more, for the first line."""
        self._folder, self._first, self._max_bytes = folder, first, max_bytes
        self._file: RotatedFile | None = None
        self._path: Path
        self._lock = -1

    def append(self, line: bytes) -> None:
        """Write a line with its newline.

        Raises:
            OSError: it can't be written; no part of it is in a file.
        """
        if self._file is None or not self._is_held():
            self.close()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path = self._claimed()
            self._file = RotatedFile(self._path, self._max_bytes)
        self._file.append(line)
        if not self._is_held():  # it was rotated: claim the new one before others do
            self._renew()

    def close(self) -> None:
        """Close and release the file; the next line claims one again."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _claimed(self) -> Path:
        for number in range(self._first, self._first + _MOST) if fcntl is not None else ():
            path = self._folder / f"impressions-{number}.jsonl"
            try:
                self._lock = _locked(path)
            except BlockingIOError:
                continue
            except OSError:  # a file system without locks
                break
            return path
        return self._folder / f"impressions-{os.getpid()}.jsonl"

    def _renew(self) -> None:
        before = self._lock
        try:
            self._lock = _locked(self._path)
        except OSError:  # another process was faster: the next line claims another file
            return
        os.close(before)

    def _is_held(self) -> bool:
        """Whether the lock is on the file that has the name now; always true without locks."""
        if self._lock < 0:
            return True
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._lock))
        except OSError:
            return False


def _locked(path: Path) -> int:
    """Lock a file, created if absent, and return its descriptor; `BlockingIOError` if another process has the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
