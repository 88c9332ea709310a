"""A file of lines, rotated at a size: a full one becomes `NAME.1`, and so on to `NAME.10`, the oldest.

The standard library's `RotatingFileHandler` leaves half a line when the disk is full, and appends the next one to it.
For a log that programs read, a missing line is better than a broken one.
"""

import os
from contextlib import suppress
from io import FileIO
from pathlib import Path

KEPT = 10


class RotatedFile:
    """Appends lines, unbuffered. Used from one thread."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        """Name the file; it is created, with its folder, for the first line. A single line may exceed `max_bytes`."""
        self._path, self._max_bytes = path, max_bytes
        self._file: FileIO | None = None
        self._size = 0

    def append(self, line: bytes) -> None:
        """Write a line with its newline.

        Raises:
            OSError: it can't be written; no part of it is in the file.
        """
        file = self._opened()
        if self._size and self._size + len(line) > self._max_bytes:
            self._rotate()
            file = self._opened()
        try:
            written = 0
            while written < len(line):
                written += file.write(line[written:])
        except OSError:
            with suppress(OSError):  # only regular files can be truncated
                file.truncate(self._size)
            raise
        self._size += len(line)

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> FileIO:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(self._path, "ab")
            self._size = os.fstat(self._file.fileno()).st_size
        return self._file

    def _rotate(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._rotated(number).replace(self._rotated(number + 1))
        self._path.replace(self._rotated(1))
        self.close()

    def _rotated(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
