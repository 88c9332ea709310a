"""How features are packed into bytes: a version, the lengths, the text's digest, the vector's codes, the category.

    version u8 | dimension u16 | category bytes u16 | digest 16 bytes | codes int8 x dimension | category UTF-8

All numbers are big-endian. The vector has no scale: it is of unit length, so its direction is all there is to keep.
"""

import struct

from service.features.base import DIGEST_BYTES, Features

VERSION = 1
_HEADER = struct.Struct(f">BHH{DIGEST_BYTES}s")


def pack(features: Features) -> bytes:
    """Pack features."""
    category = (features.category or "").encode()
    header = _HEADER.pack(VERSION, len(features.codes), len(category), features.text_digest)
    return header + features.codes + category


def unpack(packed: bytes, dimension: int) -> Features | None:
    """Unpack features; None if the bytes are not features with a vector of that dimension, packed by this version."""
    if len(packed) < _HEADER.size:
        return None
    version, stored_dimension, category_bytes, digest = _HEADER.unpack_from(packed)
    if version != VERSION or stored_dimension != dimension:
        return None
    if len(packed) != _HEADER.size + dimension + category_bytes:
        return None
    codes = packed[_HEADER.size : _HEADER.size + dimension]
    if not any(codes):
        return None  # a zero vector has no direction: dividing by its length would spoil every score
    try:
        category = packed[_HEADER.size + dimension :].decode() or None
    except UnicodeDecodeError:
        return None
    return Features(codes=codes, text_digest=digest, category=category)
