"""Redis: one MGET a lookup and one pipeline a write, each within a stated time."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import cast

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.client import Pipeline
from redis.asyncio.cluster import ClusterNode, ClusterPipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.features.tiered import StoreUnavailableError
from service.metrics import Metrics

_SCANNED = 1000
_REPLACE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end"
Client = Redis | RedisCluster


class RedisValues:
    """Values of a Redis, or of a cluster."""

    def __init__(self, client: Client, metrics: Metrics, *, timeout_s: float) -> None:
        self._client = client
        self._metrics = metrics
        self._timeout_s = timeout_s

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """The values of keys, with one MGET; None where there is none.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        async with self._bounded("get"):
            values = await self._values(keys)
        return [value if isinstance(value, bytes) else None for value in values]

    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None) -> bool:
        """Keep values, in one pipeline, each for its lifetime or all for good. Always returns True.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        lifetimes = [None] * len(values) if lifetimes_s is None else [max(1, round(1000 * one)) for one in lifetimes_s]
        async with self._bounded("put"), self._pipeline() as pipeline:
            for (key, value), lifetime in zip(values.items(), lifetimes, strict=True):
                pipeline.set(key, value, px=lifetime)
            await pipeline.execute()
        return True

    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        """Put each second value in the place of the first, where that is still there. Always returns True.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        async with self._bounded("put"):
            await asyncio.gather(*(self._eval(key, old, new) for key, (old, new) in values.items()))
        return True

    async def keys(self, beginning: str) -> AsyncIterator[str]:
        """All keys that begin so; `beginning` holds nothing that is special in a pattern.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        pattern = f"{beginning}*"
        for node in [None] if isinstance(self._client, Redis) else self._client.get_primaries():
            cursor = 0
            while True:
                async with self._bounded("get"):
                    cursor, found = await self._scan(cursor, pattern, node)
                for key in found:
                    yield key.decode("utf-8", "replace") if isinstance(key, bytes) else key
                if not cursor:
                    break

    async def _scan(self, cursor: int, pattern: str, node: ClusterNode | None) -> tuple[int, Sequence[bytes | str]]:
        if isinstance(self._client, Redis):
            following, keys = await self._client.scan(cursor, pattern, _SCANNED)
            return int(following), keys
        # Of a cluster, the cursors are those of the nodes that were asked.
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
        # In a cluster the keys of a request lie on several nodes, and an MGET may name those of one slot only: each
        # node is sent its own GETs at once.
        pipeline = self._client.pipeline()
        for key in keys:
            pipeline.get(key)
        return list(await pipeline.execute())

    @asynccontextmanager
    async def _bounded(self, operation: str) -> AsyncIterator[None]:
        try:
            with self._metrics.stages["store"].time(), self._metrics.redis_seconds.labels(operation).time():
                async with asyncio.timeout(self._timeout_s):
                    yield
        except (RedisError, OSError) as error:  # asyncio's TimeoutError is an OSError
            self._metrics.redis_errors.labels(operation, kind_of(error)).inc()
            raise StoreUnavailableError(f"Redis: {type(error).__name__}") from None


def kind_of(error: RedisError | OSError) -> str:
    """An error's kind, of `metrics.REDIS_ERRORS`."""
    if isinstance(error, AuthenticationError | NoPermissionError):
        return "authentication"
    if isinstance(error, TimeoutError | RedisTimeoutError):
        return "timeout"
    if isinstance(error, RedisConnectionError | OSError):
        return "connection"
    return "refused" if isinstance(error, ResponseError) else "other"


def connect(url: str, *, timeout_s: float, connections: int, cluster: bool = False) -> Client:
    """A client that neither retries nor waits longer than stated: the caller does better without Redis than late.

    Args:
        url: of the server; of a cluster, of any of its nodes.
        timeout_s: most that a command may take, connecting included.
        connections: at the same time; of a cluster, to each node.
        cluster: whether it is a cluster.

    Raises:
        ValueError: the URL is not one that Redis clients read.
    """
    if cluster:
        return RedisCluster.from_url(
            url,
            max_connections=connections,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
            require_full_coverage=False,
        )
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=timeout_s,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)
