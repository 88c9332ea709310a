"""Reading files that somebody else wrote: only such as are files, and no more of them than is expected."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)


def open_file(path: Path) -> BufferedReader:
    """Open a file to read it. A pipe, a device or a socket in its place is not waited for.

    Raises:
        OSError: it can't be opened, or is no file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | _WITHOUT_WAITING)
    except ValueError:
        raise OSError(errno.EINVAL, "its name is not one of a file") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return os.fdopen(descriptor, "rb")


def read_file(path: Path, *, most: int) -> bytes:
    """A file's bytes, of which there may be so many.

    Raises:
        OSError: it can't be read, is no file, or has more.
    """
    with open_file(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most} bytes")
    return data
