"""What functions of the core are given: texts, spans of bytes, files, and memory, which is counted."""

import ctypes
from collections.abc import Mapping
from typing import Any

OK, OUT_OF_MEMORY, FILE_MISSING, FILE_INVALID, UNSUPPORTED, WRONG_MODEL, ARGUMENT = range(7)
"""er_status."""


class Text(ctypes.Structure):
    _fields_ = (("bytes", ctypes.c_char_p), ("size", ctypes.c_size_t))

    @classmethod
    def of(cls, content: bytes | None) -> "Text":
        return cls(content, len(content or b""))


Span = Text
"""er_span."""


class View(ctypes.Structure):
    """A text that the core gives: it may hold zeros, and need not end with one."""

    _fields_ = (("bytes", ctypes.c_void_p), ("size", ctypes.c_size_t))

    def read(self) -> str | None:
        return ctypes.string_at(self.bytes, self.size).decode() if self.bytes else None


class File(ctypes.Structure):
    _fields_ = (("path", ctypes.c_char_p), ("bytes", ctypes.c_char_p), ("size", ctypes.c_size_t))


def files_of(contents: Mapping[str, bytes]) -> Any:
    """An array of files by their paths."""
    return (File * len(contents))(*(File(path.encode(), data, len(data)) for path, data in contents.items()))


class Error(ctypes.Structure):
    _fields_ = (("status", ctypes.c_int), ("message", ctypes.c_char * 244))

    @property
    def text(self) -> str:
        return str(self.message.decode())


_Allocate = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


class Arena(ctypes.Structure):
    """Takes memory of libc, `most` bytes of it, or as often as `pieces` says.

    Attributes:
        held: addresses of what was not given back.
    """

    _fields_ = (
        ("allocate", _Allocate),
        ("release", _Release),
        ("context", ctypes.c_void_p),
        ("last", ctypes.c_void_p),
        ("taken", ctypes.c_size_t),
    )

    def __init__(self, most: int = 1 << 30, *, pieces: int = 1 << 30) -> None:
        self._libc = ctypes.CDLL(None)
        self._libc.malloc.restype, self._libc.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
        self._libc.free.restype, self._libc.free.argtypes = None, (ctypes.c_void_p,)
        self.left, self.pieces = most, pieces
        self.held: set[int] = set()
        super().__init__(_Allocate(self._allocated), _Release(self._released))

    def _allocated(self, _context: object, size: int) -> int | None:
        self.left -= size
        self.pieces -= 1
        if self.left < 0 or self.pieces < 0:
            return None
        address: int = self._libc.malloc(size)
        self.held.add(address)
        return address

    def _released(self, _context: object, address: int) -> None:
        self.held.remove(address)
        self._libc.free(address)
