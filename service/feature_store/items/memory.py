"""Items in memory, for as long as the process lives."""

from collections.abc import AsyncIterator, Mapping, Sequence

from typing_extensions import override  # the standard library has it from Python 3.12 on

from service.feature_store.items.record import Record
from service.feature_store.items.store import CHUNK, LocalItems, StoreFullError, completed, renewed


class MemoryItems(LocalItems):
    """Stores up to `most` items."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._records: dict[bytes, bytes] = {}
        self._version = 0

    @property
    @override
    def version(self) -> int:
        return self._version

    @override
    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        return [self._records.get(key) for key in keys]

    @override
    async def put_many(self, records: Mapping[bytes, Record]) -> None:
        if len(self._records.keys() | records.keys()) > self._most:
            raise StoreFullError
        self._records.update({key: renewed(one, self._records.get(key)) for key, one in records.items()})
        self._version += 1

    @override
    async def add_many(self, records: Mapping[bytes, Record]) -> None:
        held = {key: self._records.get(key) for key in records}
        self._records.update(
            {key: new for key, one in records.items() if (new := completed(one, held[key])) is not None}
        )
        self._version += 1

    @override
    async def chunks(self) -> AsyncIterator[Mapping[bytes, bytes]]:
        keys = list(self._records)
        for start in range(0, len(keys), CHUNK):
            yield {key: self._records[key] for key in keys[start : start + CHUNK]}

    @override
    def close(self) -> None:
        """Do nothing: nothing is open."""
