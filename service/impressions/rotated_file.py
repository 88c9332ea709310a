"""Lines in a file of bounded size; a full one is put aside as `NAME.1`, and so on to `NAME.10`, the oldest.

The standard library's `RotatingFileHandler` leaves half a line where the disk was full, and joins the next one to it. A
log that machines read is better without a line than with a broken one.
"""

import os
from contextlib import suppress
from io import FileIO
from pathlib import Path

KEPT = 10


class RotatedFile:
    """Appends lines. Nothing is buffered here: what is written is the operating system's. Used from one thread."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        """Name the file; it is made, with its folder, for the first line.

        Args:
            path: where.
            max_bytes: size past which it is put aside, unless a single line is longer.
        """
        self._path, self._max_bytes = path, max_bytes
        self._file: FileIO | None = None
        self._size = 0

    def append(self, line: bytes) -> None:
        """Write a line, its end included.

        Raises:
            OSError: it can't be written; nothing of it is in the file.
        """
        file = self._opened()
        if self._size and self._size + len(line) > self._max_bytes:
            self._put_aside()
            file = self._opened()
        try:
            written = 0
            while written < len(line):
                written += file.write(line[written:])
        except OSError:
            with suppress(OSError):  # what is no regular file has nothing to be taken back
                file.truncate(self._size)
            raise
        self._size += len(line)

    def close(self) -> None:
        """Close the file; another line would open it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> FileIO:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(self._path, "ab")
            self._size = os.fstat(self._file.fileno()).st_size
        return self._file

    def _put_aside(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._aside(number).replace(self._aside(number + 1))
        self._path.replace(self._aside(1))
        self.close()

    def _aside(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
