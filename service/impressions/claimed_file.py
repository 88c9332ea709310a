"""A file of the impression log that is this process's own; a process that takes its place goes on with it."""

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

    Whose a file is, its lock says, which ends with the process. Where there are no such locks, N is the process's id.
    """

    def __init__(self, folder: Path, first: int, max_bytes: int) -> None:
        """Name the folder; it is made, and a file claimed, for the first line.

        Args:
            folder: where.
            first: N to begin with.
            max_bytes: size past which the file is put aside.
        """
        self._folder, self._first, self._max_bytes = folder, first, max_bytes
        self._file: RotatedFile | None = None
        self._path: Path
        self._lock = -1

    def append(self, line: bytes) -> None:
        """Write a line, its end included.

        Raises:
            OSError: it can't be written; nothing of it is in a file.
        """
        if self._file is None or not self._is_held():
            self.close()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path = self._claimed()
            self._file = RotatedFile(self._path, self._max_bytes)
        self._file.append(line)
        if not self._is_held():  # it has been put aside: nobody else is to claim the new one
            self._renew()

    def close(self) -> None:
        """Close the file, and let others have it; another line would claim one again."""
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
        except OSError:  # somebody was quicker: the next line goes elsewhere
            return
        os.close(before)

    def _is_held(self) -> bool:
        """Whether the lock is that of the file which has the name; without locks, it always is."""
        if self._lock < 0:
            return True
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._lock))
        except OSError:
            return False


def _locked(path: Path) -> int:
    """A descriptor that holds the lock of a file, which is made if it is not there.

    Raises:
        BlockingIOError: another process holds it.
        OSError: there are no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
