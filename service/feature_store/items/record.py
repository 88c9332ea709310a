"""What a store holds of an item: what was said of it, and what encoders have made of that.

    version u8 | source 16 bytes | encoders u8 | category bytes u16 | text bytes u32
    | (encoder 16 bytes | packed bytes u32) x encoders | packed features x encoders
    | category UTF-8 | text UTF-8, deflated

Numbers are big-endian. The source is a digest of text and category: features belong to it, so that nobody takes those
of an earlier text for those of a later one. Features of no bytes say that the encoder's vocabulary knows nothing of the
text. The text is there so that an encoder that comes later can read it.
"""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Self

from service.feature_store.features import Features
from service.feature_store.codec import pack, unpack

VERSION = 1
KEPT_ENCODERS = 4
"""The one that serves, those of an experiment's arms beside it, and the one before it, for the way back."""
UNREADABLE = b""
_SOURCE_BYTES = 16
_ENCODER_BYTES = 16
_HEADER = struct.Struct(f">B{_SOURCE_BYTES}sBHI")
_ENTRY = struct.Struct(f">{_ENCODER_BYTES}sI")


@dataclass(frozen=True, slots=True)
class Record:
    """An item.

    Attributes:
        text: what encoders read.
        category: the item's, if it has one.
        made: packed features by encoder (`encoder_key`), the latest first; `UNREADABLE` where it could make none.
    """

    text: str
    category: str | None = None
    made: Mapping[bytes, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, category: str | None, revision: str, features: Features | None) -> Self:
        """What to hold of an item that an encoder of that revision has read; None: in vain."""
        packed = UNREADABLE if features is None else pack(features)
        return cls(text, category, {encoder_key(revision): packed})

    @property
    def source(self) -> bytes:
        """Names what was said of the item."""
        category = _encoded(self.category or "")
        said = struct.pack(">I", len(category)) + category + _encoded(self.text)  # where one ends is said, too
        return hashlib.blake2b(said, digest_size=_SOURCE_BYTES, person=b"source").digest()

    def joined(self, older: "Record | None") -> "Record":
        """This, and what encoders have made of the very same before: so many of them as are kept."""
        if older is None or (older.text, older.category) != (self.text, self.category):
            return self
        made = {**self.made, **{name: one for name, one in older.made.items() if name not in self.made}}
        return replace(self, made=dict(islice(made.items(), KEPT_ENCODERS)))


@dataclass(frozen=True, slots=True)
class Seen:
    """An item, as one encoder sees it.

    Attributes:
        source: names what was said of it.
        features: None where the encoder has not read it, or can't.
        read: whether the encoder has read it.
    """

    source: bytes
    features: Features | None
    read: bool


def encoder_key(revision: str) -> bytes:
    """What an encoder is called in records."""
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
    """Unpack a record; None if the bytes are not one of this version."""
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
    """Whether a packed record holds nothing that an encoder (`encoder_key`) has made."""
    found = _entries(packed)
    return found is not None and encoder not in [name for name, _ in found[0]]


def see(packed: bytes, encoder: bytes, dimension: int) -> Seen | None:
    """What an encoder (`encoder_key`) sees in a packed record; None if the bytes are not a record of this version."""
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
    """Encoders with the sizes of what they made, where the first of that begins, and the bytes of the category."""
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
