"""Two tiers as one store: the process's memory first, Redis below it, and a breaker between them."""

import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Literal, TypeVar

from service.features.base import (
    Features,
    FeatureStore,
    Lookup,
    OwnDelayError,
    StoreGoneError,
    StoreRefusedError,
    StoreUnavailableError,
)
from service.features.breaker import CircuitBreaker
from service.metrics import Metrics

_log = logging.getLogger(__name__)
T = TypeVar("T")


class TieredStore:
    """Asks the lower tier only for what the upper one does not know, and goes on without it while it is down."""

    def __init__(self, upper: FeatureStore, lower: FeatureStore, breaker: CircuitBreaker, metrics: Metrics) -> None:
        self._upper = upper
        self._lower = lower
        self._breaker = breaker
        self._metrics = metrics
        self._takes_writes = True
        metrics.tier_available.labels("redis").set(0 if breaker.is_open else 1)

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        """Look items up. The answer is not complete if the lower tier was needed and did not answer."""
        known = (await self._upper.get_many(ids)).found
        unknown = [item_id for item_id in ids if item_id not in known]
        if not unknown:
            return Lookup(known)
        below = await self._answer_of("get", self._lower.get_many(unknown))
        if below is None:
            return Lookup(known, complete=False)
        await self._upper.put_many(below.found)
        return Lookup({**known, **below.found})

    async def put_many(self, items: Mapping[str, Features]) -> bool:
        """Remember items in both tiers. Returns whether the lower one took them too."""
        await self._upper.put_many(items)
        return await self._write(self._lower.put_many(items))

    async def remove_many(self, ids: Sequence[str]) -> bool:
        """Forget items in both tiers. Returns whether the lower one did too."""
        await self._upper.remove_many(ids)
        return await self._write(self._lower.remove_many(ids))

    async def _write(self, writing: Coroutine[Any, Any, bool]) -> bool:
        return await self._answer_of("put", writing) or False

    async def _answer_of(self, operation: Literal["get", "put"], asking: Coroutine[Any, Any, T]) -> T | None:
        """What the lower tier answers; None if it is left alone or fails. What that says of it, the breaker is told."""
        if not self._breaker.allows():
            asking.close()
            self._metrics.redis_skipped.labels(operation).inc()
            return None
        try:
            answer = await asking
        except StoreUnavailableError as error:
            self._failed(error)
            return None
        except BaseException:  # given up by whoever waited
            self._breaker.unclear()
            raise
        self._succeeded(operation)
        return answer

    def _failed(self, error: StoreUnavailableError) -> None:
        was_open = self._breaker.is_open
        if isinstance(error, StoreRefusedError):
            self._refused(error)
        elif isinstance(error, OwnDelayError):
            self._breaker.unclear()
        else:
            self._breaker.failed(certain=isinstance(error, StoreGoneError))
        if self._breaker.is_open and not was_open:
            _log.warning("the feature store's lower tier is left alone for a while: %s", error)
            self._metrics.tier_available.labels("redis").set(0)

    def _refused(self, error: StoreRefusedError) -> None:
        """It does not take what it is given, but answers: what it has can still be read."""
        if self._takes_writes:
            _log.warning("the feature store's lower tier takes nothing more for now: %s", error)
        self._takes_writes = False
        self._answered()

    def _succeeded(self, operation: Literal["get", "put"]) -> None:
        if operation == "put":
            if not self._takes_writes:
                _log.info("the feature store's lower tier takes what it is given again")
            self._takes_writes = True
        self._answered()

    def _answered(self) -> None:
        was_open = self._breaker.is_open
        self._breaker.succeeded()
        if was_open and not self._breaker.is_open:
            _log.info("the feature store's lower tier answers again")
        self._metrics.tier_available.labels("redis").set(0 if self._breaker.is_open else 1)
