"""Background writes to the shared tier, after the answer is sent. The queue is bounded; overflow is dropped."""

import asyncio
from collections.abc import Mapping

from service.feature_store.codec import pack
from service.feature_store.expiry import Lifetime
from service.feature_store.features import Features
from service.feature_store.shared.tier import SharedTier
from service.metrics.registry import Metrics

_MOST_WAITING = 10_000
_AT_ONCE = 250
_FINISH_S = 1.0


class WriteBehind:
    """Writes features in the background. Used from one event loop."""

    def __init__(self, tier: SharedTier, lifetime: Lifetime, metrics: Metrics, *, most: int = _MOST_WAITING) -> None:
        self._tier, self._lifetime, self._most = tier, lifetime, most
        self._written = metrics.cache_writes.labels("written")
        self._dropped = metrics.cache_writes.labels("dropped")
        self._waiting: dict[str, Features] = {}
        self._task: asyncio.Task[None] | None = None

    def put(self, entries: Mapping[str, Features]) -> None:
        """Queue features, by key."""
        room = self._most - len(self._waiting)
        for number, (key, features) in enumerate(entries.items()):
            if number >= room:
                self._dropped.inc(len(entries) - number)
                break
            self._waiting[key] = features
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._write())

    async def written(self) -> None:
        """Wait until the queue is empty."""
        if self._task is not None:
            await self._task

    async def close(self) -> None:
        """Write the queue for up to a second, and drop the rest."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_FINISH_S)
            self._task.cancel()
            self._dropped.inc(len(self._waiting))

    async def _write(self) -> None:
        while self._waiting:
            keys = list(self._waiting)[:_AT_ONCE]
            packed = {key: pack(self._waiting.pop(key)) for key in keys}
            taken = await self._tier.put_many(packed, [self._lifetime.draw() for _ in packed])
            (self._written if taken else self._dropped).inc(len(packed))
