"""Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) without a schema.

ONNX Runtime gives no access to weights, and the library of ONNX, which packs need, takes long to import.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_SIZES = {FIXED64: 8, FIXED32: 4}
_MOST_VARINT_BYTES = 10
_MORE = 0x80  # continuation bit of a varint's byte


class WireError(Exception):
    """The bytes are not a message."""


def fields(message: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Iterate over the fields of a message, without copying.

    Yields:
        Field number, wire type and bytes: of `BYTES` without their length, of `VARINT` for `number_of`.

    Raises:
        WireError: the bytes are not a message, or end in the middle of a field.
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
            raise WireError(f"a field has the unknown wire type {kind}")
        if end > len(message):
            raise WireError("a field ends after its message")
        yield number, kind, message[place:end]
        place = end


def number_of(varint: memoryview) -> int:
    """Decode a field of `VARINT`."""
    return _varint(varint, 0)[0]


def low_bits(varints: bytes) -> NDArray[np.uint16]:
    """The 16 low bits of each of a list of packed varints.

    Raises:
        WireError: the last varint is incomplete.
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
    """Decode the varint at a position; returns it and the position after it."""
    if place < len(message) and (value := message[place]) < _MORE:  # nearly all have one byte
        return value, place + 1
    value = 0
    for count, byte in enumerate(message[place : place + _MOST_VARINT_BYTES]):
        value |= (byte & ~_MORE) << (7 * count)
        if byte < _MORE:
            return value, place + count + 1
    raise WireError("a number has no end")
