"""The in-process tier: bounded, least recently used first out. Used from the event loop alone, so it takes no lock."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from service.features.base import Features, Lookup
from service.features.expiry import Lifetime
from service.metrics import Metrics


class MemoryStore:
    """Remembers up to `capacity` items for a lifetime each, and beside them the pinned ones for good."""

    def __init__(
        self, metrics: Metrics, *, capacity: int, lifetime: Lifetime, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._lifetime = lifetime
        self._clock = clock
        self._recent: OrderedDict[str, tuple[float, Features]] = OrderedDict()
        self._pinned: dict[str, Features] = {}
        self._hits = metrics.cache_lookups.labels("memory", "hit")
        self._misses = metrics.cache_lookups.labels("memory", "miss")
        self._items = metrics.memory_items
        self._told = False

    def __len__(self) -> int:
        return len(self._recent) + len(self._pinned)

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        """Look items up."""
        now = self._clock()
        found = {item_id: features for item_id in ids if (features := self._get(item_id, now)) is not None}
        self._hits.inc(len(found))
        self._misses.inc(len(ids) - len(found))
        return Lookup(found)

    async def put_many(self, items: Mapping[str, Features]) -> bool:
        """Remember items; a pinned item stays pinned, with its new features. Always returns True."""
        now = self._clock()
        for item_id, features in items.items():
            if item_id in self._pinned:
                self._pinned[item_id] = features
                continue
            self._recent[item_id] = now + self._lifetime.draw(), features
            self._recent.move_to_end(item_id)
        while len(self._recent) > self._capacity:
            self._recent.popitem(last=False)
        self._tell()
        return True

    async def remove_many(self, ids: Sequence[str]) -> bool:
        """Forget items, pinned ones too. Always returns True."""
        for item_id in ids:
            self._pinned.pop(item_id, None)
            self._recent.pop(item_id, None)
        self._tell()
        return True

    def pin_many(self, items: Mapping[str, Features]) -> None:
        """Remember items for good, whatever else comes."""
        self._pinned.update(items)
        for item_id in items:
            self._recent.pop(item_id, None)
        self._tell()

    def pins(self, item_id: str) -> bool:
        """Whether an item is remembered for good."""
        return item_id in self._pinned

    def tell(self, *, on: bool) -> None:
        """Have the gauge say how many items are remembered here, or no longer: of several stores, one may say so."""
        self._told = on
        self._tell()

    def _tell(self) -> None:
        if self._told:
            self._items.set(len(self))

    def _get(self, item_id: str, now: float) -> Features | None:
        if item_id in self._pinned:
            return self._pinned[item_id]
        entry = self._recent.get(item_id)
        if entry is None:
            return None
        expires_at, features = entry
        if now >= expires_at:
            del self._recent[item_id]
            return None
        self._recent.move_to_end(item_id)
        return features
