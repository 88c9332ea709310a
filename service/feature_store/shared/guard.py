"""Calls of the shared tier behind a circuit breaker: a failure costs an answer only what the tier would have added."""

import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from service.feature_store.shared.circuit_breaker import CircuitBreaker
from service.feature_store.shared.failures import (
    OwnDelayError,
    StoreGoneError,
    StoreRefusedError,
    StoreUnavailableError,
)
from service.metrics.registry import Metrics

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Guard:
    """Makes calls, records their outcomes with the breaker, and logs and counts changes."""

    def __init__(self, breaker: CircuitBreaker, metrics: Metrics) -> None:
        self._breaker = breaker
        self._metrics = metrics
        self._takes_writes = True
        metrics.tier_available.labels("redis").set(0 if breaker.is_open else 1)

    async def tried(self, operation: Literal["get", "put"], call: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
        """The result of a call; None if the tier is bypassed or fails."""
        try:
            with self.watched(operation):
                return await call()
        except StoreUnavailableError:
            return None

    @contextmanager
    def watched(self, operation: Literal["get", "put"]) -> Iterator[None]:
        """Record the outcome of the calls in the block.

        Raises:
            StoreUnavailableError: the tier is bypassed or fails.
        """
        if not self._breaker.allows():
            self._metrics.redis_skipped.labels(operation).inc()
            raise StoreUnavailableError("left alone")
        try:
            yield
        except StoreUnavailableError as error:
            self._failed(error)
            raise
        except BaseException:  # cancelled by its caller
            self._breaker.unclear()
            raise
        self._succeeded(operation)

    def _failed(self, error: StoreUnavailableError) -> None:
        was_open = self._breaker.is_open
        if isinstance(error, StoreRefusedError):
            if self._takes_writes:
                _log.warning("the feature store's lower tier takes nothing more for now: %s", error)
            self._takes_writes = False
        if isinstance(error, StoreRefusedError | OwnDelayError):
            self._breaker.unclear()  # reads may well succeed
        else:
            self._breaker.failed(certain=isinstance(error, StoreGoneError))
        if self._breaker.is_open and not was_open:
            _log.warning("the feature store's lower tier is left alone for a while: %s", error)
            self._metrics.tier_available.labels("redis").set(0)

    def _succeeded(self, operation: Literal["get", "put"]) -> None:
        if operation == "put":
            if not self._takes_writes:
                _log.info("the feature store's lower tier takes what it is given again")
            self._takes_writes = True
        was_open = self._breaker.is_open
        self._breaker.succeeded()
        if was_open and not self._breaker.is_open:
            _log.info("the feature store's lower tier answers again")
        self._metrics.tier_available.labels("redis").set(0 if self._breaker.is_open else 1)
