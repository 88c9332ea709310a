"""The tier that processes share, with a breaker before it: a process goes on without it while it is down."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from service.feature_store.shared.circuit_breaker import CircuitBreaker
from service.feature_store.shared.guard import Guard
from service.metrics.registry import Metrics


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
        self._guard = Guard(breaker, metrics)

    @property
    def available(self) -> bool:
        """Whether it is asked, or left alone because it fails."""
        return not self._breaker.is_open

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None] | None:
        """The values of keys; None if the tier did not answer."""
        return await self._guard.tried("get", partial(self._values.get_many, keys)) if keys else []

    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None = None) -> bool:
        """Keep values, each for its lifetime, or all for good. Returns whether the tier took them."""
        return not values or bool(await self._guard.tried("put", partial(self._values.put_many, values, lifetimes_s)))

    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        """Put each second value in the place of the first, where that is still there. Returns whether it could."""
        return not values or bool(await self._guard.tried("put", partial(self._values.replace_many, values)))

    async def keys(self, beginning: str) -> AsyncIterator[str]:
        """All keys that begin so.

        Raises:
            StoreUnavailableError: the tier did not answer.
        """
        with self._guard.watched("get"):
            async for key in self._values.keys(beginning):
                yield key
