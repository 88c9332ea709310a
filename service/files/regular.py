"""Bounded reads of files that others wrote: regular files only, up to a size; and their errors in one line."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from pydantic import ValidationError

from service.files.printable import first_reason
from service.user_error import UserError

_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading; never blocks at a pipe, a device or a socket.

    Raises:
        OSError: it can't be opened, or is not a regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | _WITHOUT_WAITING)
    except ValueError:
        raise OSError(errno.EINVAL, "its name is not valid") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return os.fdopen(descriptor, "rb")


def read_file(path: Path, *, most: int) -> bytes:
    """Read a file of at most `most` bytes.

    Raises:
        OSError: it can't be read, is not a regular file, or is larger.
    """
    with open_file(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most} bytes")
    return data


@contextmanager
def explained(path: Path, error: type[UserError]) -> Iterator[None]:
    """Raise `error`, saying in one line why, if a file can't be read or validated in the block."""
    try:
        yield
    except OSError as failure:
        raise error(f"{path} can't be read: {failure.strerror}") from None
    except UnicodeDecodeError:
        raise error(f"{path} is not UTF-8") from None
    except ValidationError as failure:
        raise error(f"{path} is not valid: {first_reason(failure)}") from None
