"""The bytes of features: a version, the lengths, the text's digest, the vectors, the words, the category.

    version u8 | dimension u16 | windows u8 | category bytes u16 | terms u8 | repetition u8 | digest 16 bytes
    | codes int8 x dimension x windows | hashes u16 little-endian x terms | IDFs u8 x terms | category UTF-8

The header's numbers are big-endian. Vectors have no scale: they are of unit length.
"""

import struct

import numpy as np

from service.feature_store.features import DIGEST_BYTES, Features
from service.text.terms import Terms

VERSION = 3
_HEADER = struct.Struct(f">BHBHBB{DIGEST_BYTES}s")
_BYTES_PER_TERM = 3


def pack(features: Features) -> bytes:
    """Pack features."""
    category = (features.category or "").encode()
    terms = features.terms
    header = _HEADER.pack(
        VERSION,
        len(features.codes) // features.windows,
        features.windows,
        len(category),
        len(terms.idf),
        terms.repetition,
        features.text_digest,
    )
    return header + features.codes + terms.hashes + terms.idf + category


def unpack(packed: bytes, dimension: int) -> Features | None:
    """Unpack features; None if the bytes are not of this version, or of another dimension."""
    if len(packed) < _HEADER.size:
        return None
    version, stored_dimension, windows, category_bytes, terms, repetition, digest = _HEADER.unpack_from(packed)
    if version != VERSION or stored_dimension != dimension:
        return None
    hashes = _HEADER.size + windows * dimension
    idf = hashes + 2 * terms
    category_at = hashes + _BYTES_PER_TERM * terms
    if not windows or len(packed) != category_at + category_bytes:
        return None
    codes = packed[_HEADER.size : hashes]
    if not np.frombuffer(codes, dtype=np.int8).reshape(windows, dimension).any(axis=1).all():
        return None  # normalising a zero vector would make every score NaN
    try:
        category = packed[category_at:].decode() or None
    except UnicodeDecodeError:
        return None
    words = Terms(packed[hashes:idf], packed[idf:category_at], repetition)
    return Features(codes, digest, words, category, windows)
