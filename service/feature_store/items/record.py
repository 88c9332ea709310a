"""Records of items: text and category, and the features that encoders made of them.

    version u8 | source 16 bytes | encoders u8 | category bytes u16 | text bytes u32
    | (encoder 16 bytes | packed bytes u32) x encoders | packed features x encoders
    | category UTF-8 | text UTF-8, deflated

Numbers are big-endian. The source is a digest of text and category; features belong to it, so that those of an earlier
text are never taken for those of a later one. Empty features mean that the encoder can't read the text. The text is
stored for later encoders.
"""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Self

from service.feature_store.codec import pack, unpack
from service.feature_store.features import Features

VERSION = 1
KEPT_ENCODERS = 4
"""Encoders of the current model, of an experiment's arms, and of the previous model, for a roll-back."""
UNREADABLE = b""
_SOURCE_BYTES = 16
_ENCODER_BYTES = 16
_HEADER = struct.Struct(f">B{_SOURCE_BYTES}sBHI")
_ENTRY = struct.Struct(f">{_ENCODER_BYTES}sI")


@dataclass(frozen=True, slots=True)
class Record:
    """An item: the text that encoders read, and the packed features that they made, by `encoder_key`.

    The latest encoder is the first; features are `UNREADABLE` if it can't read the text.
    """

    text: str
    category: str | None = None
    made: Mapping[bytes, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, category: str | None, revision: str, features: Features | None) -> Self:
        """The record of an item with the features that an encoder made; None: it can't read the text."""
        packed = UNREADABLE if features is None else pack(features)
        return cls(text, category, {encoder_key(revision): packed})

    @property
    def source(self) -> bytes:
        """Digest of text and category."""
        category = _encoded(self.category or "")
        content = struct.pack(">I", len(category)) + category + _encoded(self.text)
        return hashlib.blake2b(content, digest_size=_SOURCE_BYTES, person=b"source").digest()

    def joined(self, older: "Record | None") -> "Record":
        """This record with the features of an older one, if text and category are the same; `KEPT_ENCODERS` at most."""
        if older is None or (older.text, older.category) != (self.text, self.category):
            return self
        made = {**self.made, **{name: one for name, one in older.made.items() if name not in self.made}}
        return replace(self, made=dict(islice(made.items(), KEPT_ENCODERS)))


@dataclass(frozen=True, slots=True)
class Seen:
    """One encoder's view of a record.

    Attributes:
        source: of the record.
        features: None if the encoder has not read the text, or can't.
        read: whether the encoder has read it.
    """

    source: bytes
    features: Features | None
    read: bool


def encoder_key(revision: str) -> bytes:
    """An encoder's key in records: the beginning of its revision, 16 bytes."""
    return revision.encode()[:_ENCODER_BYTES].ljust(_ENCODER_BYTES, b"\0")


def pack_record(record: Record) -> bytes:
    """Pack a record."""
    made = record.made
    category, text = _encoded(record.category or ""), zlib.compress(_encoded(record.text), wbits=-zlib.MAX_WBITS)
    return b"".join(
        [
            _HEADER.pack(VERSION, record.source, len(made), len(category), len(text)),
            *(_ENTRY.pack(name, len(one)) for name, one in made.items()),
            *made.values(),
            category,
            text,
        ]
    )


def unpack_record(packed: bytes) -> Record | None:
    """Unpack a record; None if the bytes are not a record of this version."""
    found = _entries(packed)
    if found is None:
        return None
    entries, start, category_bytes = found
    made = {}
    for name, size in entries:
        made[name] = packed[start : start + size]
        start += size
    try:
        category = packed[start : start + category_bytes].decode() or None
        text = zlib.decompress(packed[start + category_bytes :], wbits=-zlib.MAX_WBITS).decode()
    except (UnicodeDecodeError, zlib.error):
        return None
    return Record(text, category, made)


def source_of(packed: bytes) -> bytes | None:
    """The source of a packed record; None if the bytes are too few to be one."""
    return packed[1 : 1 + _SOURCE_BYTES] if len(packed) >= _HEADER.size else None


def lacks(packed: bytes, encoder: bytes) -> bool:
    """Whether a packed record has no features of an encoder (`encoder_key`)."""
    found = _entries(packed)
    return found is not None and encoder not in [name for name, _ in found[0]]


def see(packed: bytes, encoder: bytes, dimension: int) -> Seen | None:
    """An encoder's (`encoder_key`) view of a packed record; None if the bytes are not a record of this version."""
    found = _entries(packed)
    if found is None:
        return None
    entries, start, _ = found
    source = packed[1 : 1 + _SOURCE_BYTES]
    for name, size in entries:
        if name == encoder:
            made = packed[start : start + size]
            features = unpack(made, dimension) if made else None
            return Seen(source, features, read=features is not None or made == UNREADABLE)
        start += size
    return Seen(source, None, read=False)


def _entries(packed: bytes) -> tuple[list[tuple[bytes, int]], int, int] | None:
    """Encoders with the sizes of their features, the offset of the first, and the size of the category."""
    if len(packed) < _HEADER.size:
        return None
    version, _, encoders, category_bytes, text_bytes = _HEADER.unpack_from(packed)
    start = _HEADER.size + encoders * _ENTRY.size
    if version != VERSION or len(packed) < start:
        return None
    entries = list(_ENTRY.iter_unpack(packed[_HEADER.size : start]))
    if len(packed) != start + sum([size for _, size in entries]) + category_bytes + text_bytes:
        return None
    return entries, start, category_bytes


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
