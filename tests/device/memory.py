"""What functions of the core are given: texts, spans of bytes, and memory, which is counted."""

import ctypes


class Text(ctypes.Structure):
    _fields_ = (("bytes", ctypes.c_char_p), ("size", ctypes.c_size_t))

    @classmethod
    def of(cls, content: bytes | None) -> "Text":
        return cls(content, len(content or b""))


class Error(ctypes.Structure):
    _fields_ = (("status", ctypes.c_int), ("message", ctypes.c_char * 244))


_Allocate = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


class Arena(ctypes.Structure):
    """Takes memory of libc, `most` bytes of it."""

    _fields_ = (
        ("allocate", _Allocate),
        ("release", _Release),
        ("context", ctypes.c_void_p),
        ("last", ctypes.c_void_p),
        ("taken", ctypes.c_size_t),
    )

    def __init__(self, most: int = 1 << 30) -> None:
        libc = ctypes.CDLL(None)
        libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
        libc.free.restype, libc.free.argtypes = None, (ctypes.c_void_p,)
        self.left = most
        super().__init__(_Allocate(lambda _, size: self._allocated(libc, size)), _Release(lambda _, at: libc.free(at)))

    def _allocated(self, libc: ctypes.CDLL, size: int) -> int | None:
        self.left -= size
        return libc.malloc(size) if self.left >= 0 else None
