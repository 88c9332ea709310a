"""The tier that processes share, with a breaker before it: a process goes on without it while it is down."""

import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Literal, Protocol, TypeVar

from service.features.breaker import CircuitBreaker
from service.metrics import Metrics

_log = logging.getLogger(__name__)
T = TypeVar("T")


class StoreUnavailableError(Exception):
    """The store did not answer in time, or not at all; the message names the kind of failure and holds no data."""


class Values(Protocol):
    """Values under keys, elsewhere. Each call may raise `StoreUnavailableError`."""

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """The values of keys, all at once; None where there is none."""

    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None) -> bool:
        """Keep values, all at once, each for its lifetime or all for good. Always returns True."""

    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        """Put each second value in the place of the first, where that is still there. Always returns True."""

    def keys(self, beginning: str) -> AsyncIterator[str]:
        """All keys that begin so, in no order; those that come or go meanwhile may be among them or not."""


class SharedTier:
    """Values elsewhere, as far as they can be had now."""

    def __init__(self, values: Values, breaker: CircuitBreaker, metrics: Metrics) -> None:
        self._values = values
        self._breaker = breaker
        self._metrics = metrics
        metrics.tier_available.labels("redis").set(0 if breaker.is_open else 1)

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None] | None:
        """The values of keys; None if the tier did not answer."""
        return await self._tried("get", partial(self._values.get_many, keys)) if keys else []

    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None = None) -> bool:
        """Keep values, each for its lifetime, or all for good. Returns whether the tier took them."""
        return not values or bool(await self._tried("put", partial(self._values.put_many, values, lifetimes_s)))

    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        """Put each second value in the place of the first, where that is still there. Returns whether it could."""
        return not values or bool(await self._tried("put", partial(self._values.replace_many, values)))

    async def keys(self, beginning: str) -> AsyncIterator[str]:
        """All keys that begin so.

        Raises:
            StoreUnavailableError: the tier did not answer.
        """
        if not self._may_call("get"):
            raise StoreUnavailableError("left alone")
        try:
            async for key in self._values.keys(beginning):
                yield key
        except StoreUnavailableError as error:
            self._failed(error)
            raise
        self._succeeded()

    async def _tried(self, operation: Literal["get", "put"], call: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
        if not self._may_call(operation):
            return None
        try:
            answer = await call()
        except StoreUnavailableError as error:
            self._failed(error)
            return None
        self._succeeded()
        return answer

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
