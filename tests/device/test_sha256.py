import ctypes
import hashlib
import random

import pytest

LENGTHS = [*range(301), 3_000_000]


class Sha256(ctypes.Structure):
    _fields_ = (("size", ctypes.c_uint64), ("state", ctypes.c_uint32 * 8), ("block", ctypes.c_uint8 * 64))


def digest(core: ctypes.CDLL, *pieces: bytes) -> str:
    sha, digits = Sha256(), ctypes.create_string_buffer(64)
    core.er_sha256_begin(ctypes.byref(sha))
    for piece in pieces:
        core.er_sha256_add(ctypes.byref(sha), piece, ctypes.c_size_t(len(piece)))
    core.er_sha256_end(ctypes.byref(sha), digits)
    return digits.raw.decode()


@pytest.mark.parametrize("size", LENGTHS)
def test_a_digest_is_that_of_hashlib(core: ctypes.CDLL, size: int) -> None:
    data = random.Random(size).randbytes(size)

    assert digest(core, data) == hashlib.sha256(data).hexdigest()


def test_bytes_may_come_in_any_pieces(core: ctypes.CDLL) -> None:
    draw = random.Random(1)
    for _ in range(300):
        sizes = draw.choices([0, 1, 7, 55, 56, 63, 64, 65, 128, 200], k=draw.randrange(9))
        pieces = [draw.randbytes(size) for size in sizes]

        assert digest(core, *pieces) == hashlib.sha256(b"".join(pieces)).hexdigest()
