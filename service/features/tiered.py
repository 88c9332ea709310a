"""Two tiers as one store: the process's memory first, Redis below it, and a breaker between them."""

from collections.abc import Mapping, Sequence
from functools import partial

from service.features.base import Features, FeatureStore, Lookup
from service.features.breaker import CircuitBreaker
from service.features.guard import Guard
from service.metrics import Metrics


class TieredStore:
    """Asks the lower tier only for what the upper one does not know, and goes on without it while it is down."""

    def __init__(self, upper: FeatureStore, lower: FeatureStore, breaker: CircuitBreaker, metrics: Metrics) -> None:
        self._upper = upper
        self._lower = lower
        self._guard = Guard(breaker, metrics)

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        """Look items up. The answer is not complete if the lower tier was needed and did not answer."""
        known = (await self._upper.get_many(ids)).found
        unknown = [item_id for item_id in ids if item_id not in known]
        if not unknown:
            return Lookup(known)
        below = await self._guard.tried("get", partial(self._lower.get_many, unknown))
        if below is None:
            return Lookup(known, complete=False)
        await self._upper.put_many(below.found)
        return Lookup({**known, **below.found})

    async def put_many(self, items: Mapping[str, Features]) -> bool:
        """Remember items in both tiers. Returns whether the lower one took them too."""
        await self._upper.put_many(items)
        return await self._guard.tried("put", partial(self._lower.put_many, items)) or False

    async def remove_many(self, ids: Sequence[str]) -> bool:
        """Forget items in both tiers. Returns whether the lower one did too."""
        await self._upper.remove_many(ids)
        return await self._guard.tried("put", partial(self._lower.remove_many, ids)) or False
