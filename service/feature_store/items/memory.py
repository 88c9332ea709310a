"""Items in memory, for as long as the process lives."""

from collections.abc import AsyncIterator, Mapping, Sequence

from service.feature_store.items.record import Record
from service.feature_store.items.store import CHUNK, StoreFullError, completed, renewed


class MemoryItems:
    """Stores up to `most` items."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._records: dict[bytes, bytes] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._version

    def get_many(self, keys: Sequence[bytes]) -> Sequence[bytes | None]:
        """Current records; None where there is none."""
        return [self._records.get(key) for key in keys]

    async def put_many(self, records: Mapping[bytes, Record]) -> None:
        """Store records; see `ItemStore`.

        Raises:
            StoreFullError: there would be too many.
        """
        if len(self._records.keys() | records.keys()) > self._most:
            raise StoreFullError
        self._records.update({key: renewed(one, self._records.get(key)) for key, one in records.items()})
        self._version += 1

    async def add_many(self, records: Mapping[bytes, Record]) -> None:
        """Add features to stored records; see `ItemStore`."""
        held = {key: self._records.get(key) for key in records}
        self._records.update(
            {key: new for key, one in records.items() if (new := completed(one, held[key])) is not None}
        )
        self._version += 1

    async def chunks(self) -> AsyncIterator[Mapping[bytes, bytes]]:
        """All records, in chunks."""
        keys = list(self._records)
        for start in range(0, len(keys), CHUNK):
            yield {key: self._records[key] for key in keys[start : start + CHUNK]}

    def close(self) -> None:
        """Do nothing: nothing is open."""
