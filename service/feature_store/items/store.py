"""Where items live that clients have put: what such a place can do, and the one that lasts as long as the process."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from service.feature_store.items.record import Record, pack_record, unpack_record
from service.user_error import UserError

_KEY_BYTES = 16
CHUNK = 128
"""So many items are read anew at once, so that requests get their turns in between."""


class StoreError(UserError):
    """The store can't be used; the message says in one line why, and what to do."""


class StoreFullError(Exception):
    """There is no room for what was to be kept; nothing of it is."""


class StoreFailedError(Exception):
    """What was to be kept could not be; the message names the kind of failure and holds no data."""


class ItemStore(Protocol):
    """Holds packed records by `item_key`."""

    async def put_many(self, records: Mapping[bytes, Record]) -> None:
        """Hold records, all or none, in the place of what was there; what was made of the very same before is kept.

        Raises:
            StoreFullError: there is no room.
            StoreFailedError: it could not be done.
        """

    async def add_many(self, records: Mapping[bytes, Record]) -> None:
        """Add what records say was made of items to what is held, where the same is still said of them.

        Raises:
            StoreFullError: there is no room.
            StoreFailedError: it could not be done.
        """

    def chunks(self) -> AsyncIterator[Mapping[bytes, bytes]]:
        """All that is held, `CHUNK` records at most at a time.

        Raises:
            StoreFailedError: it could not be read.
        """


class LocalItems(ItemStore, Protocol):
    """Holds them on this machine, where looking them up takes microseconds."""

    @property
    def version(self) -> int:
        """Grows with every change; -1 where that can't be told."""

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        """Records as they are now; None where there is none.

        Raises:
            StoreFailedError: they could not be read.
        """

    def close(self) -> None:
        """Let go of what is open."""


class MemoryItems:
    """Holds items as long as the process lives, and so many of them at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._records: dict[bytes, bytes] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._version

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        """Records as they are now; None where there is none."""
        return [self._records.get(key) for key in keys]

    async def put_many(self, records: Mapping[bytes, Record]) -> None:
        """Hold records.

        Raises:
            StoreFullError: they would be too many.
        """
        if len(self._records.keys() | records.keys()) > self._most:
            raise StoreFullError
        self._records.update({key: renewed(one, self._records.get(key)) for key, one in records.items()})
        self._version += 1

    async def add_many(self, records: Mapping[bytes, Record]) -> None:
        """Add what was made of items to what is held of them."""
        held = {key: self._records.get(key) for key in records}
        self._records.update(
            {key: new for key, one in records.items() if (new := completed(one, held[key])) is not None}
        )
        self._version += 1

    async def chunks(self) -> AsyncIterator[Mapping[bytes, bytes]]:
        """All that is held."""
        keys = list(self._records)
        for start in range(0, len(keys), CHUNK):
            yield {key: self._records[key] for key in keys[start : start + CHUNK]}

    def close(self) -> None:
        """Nothing is open."""


def item_key(item_id: str) -> bytes:
    """What an item is called in a store; it does not tell the id."""
    return hashlib.blake2b(item_id.encode(), digest_size=_KEY_BYTES).digest()


def renewed(record: Record, held: bytes | None) -> bytes:
    """A record in the place of what is held, with what was made of the very same before."""
    return pack_record(record.joined(None if held is None else unpack_record(held)))


def completed(record: Record, held: bytes | None) -> bytes | None:
    """What is held, and what a record says was made of the same; None if something else is said of the item by now."""
    older = None if held is None else unpack_record(held)
    return pack_record(record.joined(older)) if older is not None and older.source == record.source else None
