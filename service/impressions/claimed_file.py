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

    Whose a name is, the lock of `.impressions-N.lock` says, which ends with its process. Where there are no such locks,
    the name is that of the process.
    """

    def __init__(self, folder: Path, first: int, max_bytes: int) -> None:
        """Name the folder; it is made, and a name claimed, for the first line.

        Args:
            folder: where.
            first: N to begin with.
            max_bytes: size past which the file is put aside.
        """
        self._folder, self._first, self._max_bytes = folder, first, max_bytes
        self._file: RotatedFile | None = None
        self._lock = -1

    def append(self, line: bytes) -> None:
        """Write a line, its end included.

        Raises:
            OSError: it can't be written; nothing of it is in a file.
        """
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = RotatedFile(self._folder / f"impressions-{self._claim()}.jsonl", self._max_bytes)
        self._file.append(line)

    def close(self) -> None:
        """Close the file, and let others have its name; another line would claim one again."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _claim(self) -> int:
        for number in range(self._first, self._first + _MOST) if fcntl is not None else ():
            lock = os.open(self._folder / f".impressions-{number}.lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            except OSError:  # a file system without locks
                os.close(lock)
                break
            self._lock = lock
            return number
        return os.getpid()
