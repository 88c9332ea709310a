"""Values in Redis: one MGET per lookup and one pipeline per write, each in bounded time."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.cluster import ClusterNode, ClusterPipeline
from redis.exceptions import InvalidResponse
from typing_extensions import override  # the standard library has it from Python 3.12 on

from service.feature_store.redis.client import Client
from service.feature_store.redis.cluster import Cluster
from service.feature_store.redis.failures import Operation, failure_of, kind_of
from service.feature_store.shared.tier import KeyValueStore
from service.metrics.registry import Metrics
from service.process.event_loop_lag import EventLoopLag

_SCANNED = 1000
_REPLACE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end"


class RedisValues(KeyValueStore):
    """The values of a Redis server or cluster."""

    def __init__(self, client: Client, metrics: Metrics, *, timeout_s: float) -> None:
        self._client, self._metrics, self._timeout_s = client, metrics, timeout_s

    @override
    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        async with self._bounded("get"):
            values = await self._values(keys)
            if len(values) != len(keys) or not all(value is None or isinstance(value, bytes) for value in values):
                raise InvalidResponse("not the values of the keys")
        return cast("Sequence[bytes | None]", values)

    @override
    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None) -> bool:
        lifetimes = [None] * len(values) if lifetimes_s is None else [max(1, round(1000 * one)) for one in lifetimes_s]
        async with self._bounded("put"), self._pipeline() as pipeline:
            for (key, value), lifetime in zip(values.items(), lifetimes, strict=True):
                pipeline.set(key, value, px=lifetime)
            await pipeline.execute()
        return True

    @override
    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        async with self._bounded("put"):
            await asyncio.gather(*(self._eval(key, old, new) for key, (old, new) in values.items()))
        return True

    @override
    async def keys(self, beginning: str) -> AsyncIterator[str]:
        pattern = f"{beginning}*"  # prefixes contain no special characters
        for node in await self._nodes():
            cursor = 0
            while True:
                async with self._bounded("get"):
                    cursor, found = await self._scan(cursor, pattern, node)
                    if not isinstance(found, list) or not all(isinstance(key, bytes | str) for key in found):
                        raise InvalidResponse("not keys")
                for key in found:
                    yield key.decode("utf-8", "replace") if isinstance(key, bytes) else key
                if not cursor:
                    break

    @asynccontextmanager
    async def _bounded(self, operation: Operation) -> AsyncIterator[None]:
        """Bound and measure the call in the block."""
        watch, cluster = EventLoopLag(self._timeout_s), self._client if isinstance(self._client, Cluster) else None
        try:
            with self._metrics.stages["store"].time(), self._metrics.redis_seconds.labels(operation).time(), watch:
                async with asyncio.timeout(self._timeout_s), nullcontext() if cluster is None else cluster.turns:
                    yield
        except Exception as error:  # noqa: BLE001 -- redis-py raises any error at a malformed answer
            kind = kind_of(error, was_late=watch.lag_s > self._timeout_s / 2)
            self._metrics.redis_errors.labels(operation, kind).inc()
            if cluster is not None and kind in ("timeout", "connection", "other"):
                cluster.look_again()
            raise failure_of(error, kind, operation, of_cluster=cluster is not None) from None

    async def _nodes(self) -> Sequence[ClusterNode | None]:
        """The primary nodes; [None] of a single server."""
        if isinstance(self._client, Redis):
            return [None]
        async with self._bounded("get"):
            await self._client.initialize()
        return list(self._client.get_primaries())

    async def _scan(self, cursor: int, pattern: str, node: ClusterNode | None) -> tuple[int, Sequence[bytes | str]]:
        if isinstance(self._client, Redis):
            following, keys = await self._client.scan(cursor, pattern, _SCANNED)
            return int(following), keys
        # A cluster returns a cursor for each node.
        cursors, keys = await self._client.scan(cursor, pattern, _SCANNED, target_nodes=node)
        (following,) = cast("dict[str, int]", cursors).values()
        return int(following), keys

    async def _eval(self, key: str, old: bytes, new: bytes) -> None:
        await self._client.eval(_REPLACE, 1, key, old, new)

    def _pipeline(self) -> Pipeline | ClusterPipeline:
        return self._client.pipeline(transaction=False) if isinstance(self._client, Redis) else self._client.pipeline()

    async def _values(self, keys: Sequence[str]) -> Sequence[object]:
        if isinstance(self._client, Redis):
            return list(await self._client.mget(keys))
        # The keys of a request are on several nodes of a cluster, and an MGET is limited to one slot: each node gets
        # its own GETs in one pipeline.
        pipeline = self._client.pipeline()
        for key in keys:
            pipeline.get(key)
        return list(await pipeline.execute())
