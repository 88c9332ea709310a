"""Redis calls in bounded time, measured, with failures by kind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from service.feature_store.redis.client import Client
from service.feature_store.redis.cluster import Cluster
from service.feature_store.redis.failures import Operation, failure_of, kind_of
from service.metrics.registry import Metrics
from service.process.event_loop_lag import EventLoopLag


class RedisCalls:
    """Bounds calls of a client, and measures them."""

    def __init__(self, client: Client, metrics: Metrics, *, timeout_s: float) -> None:
        self._client, self._metrics, self._timeout_s = client, metrics, timeout_s

    @asynccontextmanager
    async def bounded(self, operation: Operation) -> AsyncIterator[None]:
        """Bound and measure the call in the block.

        Raises:
            StoreUnavailableError: Redis did not answer in time, not at all, or not with a valid answer.
        """
        watch, cluster = EventLoopLag(self._timeout_s), self._client if isinstance(self._client, Cluster) else None
        try:
            with self._metrics.stages["store"].time(), self._metrics.redis_seconds.labels(operation).time(), watch:
                async with asyncio.timeout(self._timeout_s), nullcontext() if cluster is None else cluster.turn():
                    yield
        except Exception as error:  # noqa: BLE001 -- redis-py raises any error at a malformed answer
            kind = kind_of(error, was_late=watch.lag_s > self._timeout_s / 2)
            self._metrics.redis_errors.labels(operation, kind).inc()
            if cluster is not None and kind in ("timeout", "connection", "other"):
                cluster.look_again()
            raise failure_of(error, kind, operation, of_cluster=cluster is not None) from None
