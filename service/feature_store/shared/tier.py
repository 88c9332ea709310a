"""The shared tier behind a circuit breaker: processes work without it while it is down."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from service.feature_store.shared.circuit_breaker import CircuitBreaker
from service.feature_store.shared.guard import Guard
from service.metrics.registry import Metrics


class KeyValueStore(Protocol):
    """A remote key-value store. Each call may raise `StoreUnavailableError`."""

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """The values of keys, in one call; None where there is none."""

    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None) -> bool:
        """Write values in one call, each with its lifetime, or without expiry. Always returns True."""

    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        """Compare and set: write each second value where the first is current. Always returns True."""

    def keys(self, beginning: str) -> AsyncIterator[str]:
        """All keys with a prefix, in no order; keys that are added or removed meanwhile may be missing."""


class SharedTier:
    """A remote key-value store, when it is available."""

    def __init__(self, values: KeyValueStore, breaker: CircuitBreaker, metrics: Metrics) -> None:
        self._values = values
        self._breaker = breaker
        self._guard = Guard(breaker, metrics)

    @property
    def available(self) -> bool:
        """Whether the circuit breaker is closed."""
        return not self._breaker.is_open

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None] | None:
        """The values of keys; None if the tier is not available."""
        return await self._guard.tried("get", partial(self._values.get_many, keys)) if keys else []

    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None = None) -> bool:
        """Write values, each with its lifetime, or without expiry. Returns whether they were written."""
        return not values or bool(await self._guard.tried("put", partial(self._values.put_many, values, lifetimes_s)))

    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        """Compare and set: write each second value where the first is current. Returns whether the tier answered."""
        return not values or bool(await self._guard.tried("put", partial(self._values.replace_many, values)))

    async def keys(self, beginning: str) -> AsyncIterator[str]:
        """All keys with a prefix.

        Raises:
            StoreUnavailableError: the tier is not available.
        """
        with self._guard.watched("get"):
            async for key in self._values.keys(beginning):
                yield key
