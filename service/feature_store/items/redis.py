"""Items in Redis: `{prefix}:i:{hash of the id}`, without an expiry."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence

from typing_extensions import override  # the standard library has it from Python 3.12 on

from service.feature_store.items.record import Record
from service.feature_store.items.store import CHUNK, ItemStore, StoreFailedError, completed, renewed
from service.feature_store.shared.failures import StoreUnavailableError
from service.feature_store.shared.tier import SharedTier

_is_key = re.compile(r"[0-9a-f]{32}").fullmatch  # other applications' keys in the same Redis may have the same prefix


class RedisItems(ItemStore):
    """Stores items in Redis, for all processes of all machines."""

    def __init__(self, tier: SharedTier, prefix: str) -> None:
        self._tier = tier
        self._beginning = f"{prefix}:i:" if prefix else "i:"

    def name(self, key: bytes) -> str:
        """An item's key in Redis."""
        return self._beginning + key.hex()

    @override
    async def put_many(self, records: Mapping[bytes, Record]) -> None:
        held = await self._held(list(records))
        new = {self.name(key): renewed(one, held[key]) for key, one in records.items()}
        if not await self._tier.put_many(new):
            raise StoreFailedError("Redis")

    @override
    async def add_many(self, records: Mapping[bytes, Record]) -> None:
        held = await self._held(list(records))
        new = {
            self.name(key): (old, one)
            for key, record in records.items()
            if (old := held[key]) is not None and (one := completed(record, old)) is not None
        }
        if not await self._tier.replace_many(new):
            raise StoreFailedError("Redis")

    @override
    async def chunks(self) -> AsyncIterator[Mapping[bytes, bytes]]:
        some: list[bytes] = []
        try:
            async for name in self._tier.keys(self._beginning):
                if _is_key(rest := name.removeprefix(self._beginning)):
                    some.append(bytes.fromhex(rest))
                if len(some) == CHUNK:
                    yield await self._existing(some)
                    some = []
        except StoreUnavailableError as error:
            raise StoreFailedError(str(error)) from None
        if some:
            yield await self._existing(some)

    async def _existing(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        return {key: one for key, one in (await self._held(keys)).items() if one is not None}

    async def _held(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes | None]:
        values = await self._tier.get_many([self.name(key) for key in keys])
        if values is None:
            raise StoreFailedError("Redis")
        return dict(zip(keys, values, strict=True))
