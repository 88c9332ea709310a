"""Two tiers as one store: the process's memory first, Redis below it, and a breaker between them."""

import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Literal

from service.features.base import Features, FeatureStore, Lookup, StoreUnavailableError
from service.features.breaker import CircuitBreaker
from service.metrics import Metrics

_log = logging.getLogger(__name__)


class TieredStore:
    """Asks the lower tier only for what the upper one does not know, and goes on without it while it is down."""

    def __init__(self, upper: FeatureStore, lower: FeatureStore, breaker: CircuitBreaker, metrics: Metrics) -> None:
        self._upper = upper
        self._lower = lower
        self._breaker = breaker
        self._metrics = metrics
        metrics.tier_available.labels("redis").set(0 if breaker.is_open else 1)

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        """Look items up. The answer is not complete if the lower tier was needed and did not answer."""
        known = (await self._upper.get_many(ids)).found
        unknown = [item_id for item_id in ids if item_id not in known]
        if not unknown:
            return Lookup(known)
        if not self._may_call("get"):
            return Lookup(known, complete=False)
        try:
            below = (await self._lower.get_many(unknown)).found
        except StoreUnavailableError as error:
            self._failed(error)
            return Lookup(known, complete=False)
        self._succeeded()
        await self._upper.put_many(below)
        return Lookup({**known, **below})

    async def put_many(self, items: Mapping[str, Features]) -> bool:
        """Remember items in both tiers. Returns whether the lower one took them too."""
        await self._upper.put_many(items)
        return await self._write(self._lower.put_many(items))

    async def remove_many(self, ids: Sequence[str]) -> bool:
        """Forget items in both tiers. Returns whether the lower one did too."""
        await self._upper.remove_many(ids)
        return await self._write(self._lower.remove_many(ids))

    async def _write(self, writing: Coroutine[None, None, bool]) -> bool:
        if not self._may_call("put"):
            writing.close()
            return False
        try:
            await writing
        except StoreUnavailableError as error:
            self._failed(error)
            return False
        self._succeeded()
        return True

    def _may_call(self, operation: Literal["get", "put"]) -> bool:
        allowed = self._breaker.allows()
        if not allowed:
            self._metrics.redis_skipped.labels(operation).inc()
        return allowed

    def _failed(self, error: StoreUnavailableError) -> None:
        if not self._breaker.is_open:
            _log.warning("the feature store's lower tier is left alone for a while: %s", error)
        self._breaker.failed()
        self._metrics.tier_available.labels("redis").set(0)

    def _succeeded(self) -> None:
        if self._breaker.is_open:
            _log.info("the feature store's lower tier answers again")
        self._breaker.succeeded()
        self._metrics.tier_available.labels("redis").set(1)
