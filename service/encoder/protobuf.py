"""Protocol buffers as they lie in a file (https://protobuf.dev/programming-guides/encoding/), without a schema.

The service has no library of ONNX or of protocol buffers but the one inside ONNX Runtime, which shows no weights.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_SIZES = {FIXED64: 8, FIXED32: 4}
_MOST_VARINT_BYTES = 10
_MORE = 0x80  # the bit of a varint's byte that says that another one follows


class WireError(Exception):
    """The bytes are no message."""


def fields(message: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """The fields of a message in their order, without a copy.

    Yields:
        Number, wire type and bytes; of a field of `BYTES` without their length, of one of `VARINT` for `number_of`.

    Raises:
        WireError: the bytes are no message, or end in the middle of a field.
    """
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            _, end = _varint(message, place)
        elif kind == BYTES:
            size, place = _varint(message, place)
            end = place + size
        elif kind in _SIZES:
            end = place + _SIZES[kind]
        else:
            raise WireError(f"a field is of the unknown wire type {kind}")
        if end > len(message):
            raise WireError("a field ends after its message")
        yield number, kind, message[place:end]
        place = end


def number_of(varint: memoryview) -> int:
    """The number of a field of `VARINT`."""
    return _varint(varint, 0)[0]


def low_bits(varints: bytes) -> NDArray[np.uint16]:
    """The 16 low bits of each number of a list of varints, one behind the other.

    Raises:
        WireError: the last one has no end.
    """
    data = np.frombuffer(varints, dtype=np.uint8)
    if data.size and data[-1] & _MORE:
        raise WireError("a number ends after its list")
    ends = np.flatnonzero(data < _MORE)
    begins = np.roll(ends, 1) + 1
    begins[:1] = 0
    bits = np.zeros(len(ends), dtype=np.uint32)
    for byte in range(3):
        has = begins + byte <= ends
        bits[has] |= (data[begins[has] + byte] & ~np.uint8(_MORE)).astype(np.uint32) << np.uint32(7 * byte)
    return bits.astype(np.uint16)


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """The number at a place, and the place behind it.

    Raises:
        WireError: the number has no end.
    """
    if place < len(message) and (value := message[place]) < _MORE:  # nearly all are of one byte
        return value, place + 1
    value = 0
    for count, byte in enumerate(message[place : place + _MOST_VARINT_BYTES]):
        value |= (byte & ~_MORE) << (7 * count)
        if byte < _MORE:
            return value, place + count + 1
    raise WireError("a number has no end")
