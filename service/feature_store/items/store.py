"""Stores of the items that clients put: their protocols and errors."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from service.feature_store.items.record import Record, pack_record, unpack_record
from service.user_error import UserError

_KEY_BYTES = 16
CHUNK = 128
"""Items that are embedded at once after a swap, so that requests are answered in between."""


class StoreError(UserError):
    """The store can't be used; the message says why, and what to do."""


class StoreFullError(Exception):
    """The store has no room; nothing was written."""


class StoreFailedError(Exception):
    """The store could not be read or written; the message names the kind of failure and contains no data."""


class ItemStore(Protocol):
    """Packed records by `item_key`."""

    async def put_many(self, records: Mapping[bytes, Record]) -> None:
        """Store records, all or none, replacing older ones; features of the same source are kept.

        Raises:
            StoreFullError: there is no room.
            StoreFailedError: they could not be written.
        """

    async def add_many(self, records: Mapping[bytes, Record]) -> None:
        """Add the features in `records` to stored records that have the same source.

        Raises:
            StoreFullError: there is no room.
            StoreFailedError: they could not be written.
        """

    def chunks(self) -> AsyncIterator[Mapping[bytes, bytes]]:
        """All records, at most `CHUNK` at a time.

        Raises:
            StoreFailedError: they could not be read.
        """


class LocalItems(ItemStore, Protocol):
    """A store on this machine, where a lookup takes microseconds."""

    @property
    def version(self) -> int:
        """Grows with every change; -1 if unknown."""

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        """Current records; None where there is none.

        Raises:
            StoreFailedError: they could not be read.
        """

    def close(self) -> None:
        """Close the store."""


def item_key(item_id: str) -> bytes:
    """An item's key in a store: BLAKE2b of its id, 16 bytes."""
    return hashlib.blake2b(item_id.encode(), digest_size=_KEY_BYTES).digest()


def renewed(record: Record, held: bytes | None) -> bytes:
    """Pack a record that replaces `held`, with the features of the same source."""
    return pack_record(record.joined(None if held is None else unpack_record(held)))


def completed(record: Record, held: bytes | None) -> bytes | None:
    """Pack `held` with the features of `record` added; None if its source has changed since."""
    older = None if held is None else unpack_record(held)
    return pack_record(record.joined(older)) if older is not None and older.source == record.source else None
