"""The shared tier: Redis, one MGET a lookup and one pipeline a write, each within a stated time."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.cluster import ClusterPipeline
from redis.asyncio.connection import Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import InvalidResponse

from service.features.base import Features, Lookup
from service.features.codec import pack, unpack
from service.features.expiry import Lifetime
from service.features.redis_cluster import Cluster
from service.features.redis_connection import bounded
from service.features.redis_failures import Operation, failure_of, kind_of
from service.features.resolver import Resolver
from service.loop_watch import LoopWatch
from service.metrics import Metrics

_REVISION_CHARS = 16
_KEY_BYTES = 16
Client = Redis | Cluster


class RedisStore:
    """Remembers items under `{encoder revision}:{hash of the item's id}`: no encoder reads another's vectors."""

    def __init__(
        self,
        client: Client,
        metrics: Metrics,
        *,
        revision: str,
        dimension: int,
        lifetime: Lifetime,
        timeout_s: float,
    ) -> None:
        self._client = client
        self._metrics = metrics
        self._revision = revision[:_REVISION_CHARS]
        self._dimension = dimension
        self._lifetime = lifetime
        self._timeout_s = timeout_s

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        """Look items up with one MGET. A value that can't be read counts as unknown.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        if not ids:
            return Lookup({})
        async with self._bounded("get"):
            values = await self._values([self.key(item_id) for item_id in ids])
        unpacked = {
            item_id: unpack(value, self._dimension)
            for item_id, value in zip(ids, values, strict=True)
            if isinstance(value, bytes)
        }
        found = {item_id: features for item_id, features in unpacked.items() if features is not None}
        lookups = self._metrics.cache_lookups
        lookups.labels("redis", "hit").inc(len(found))
        lookups.labels("redis", "corrupt").inc(len(unpacked) - len(found))
        lookups.labels("redis", "miss").inc(len(ids) - len(unpacked))
        return Lookup(found)

    async def put_many(self, items: Mapping[str, Features]) -> bool:
        """Remember items, in one pipeline. Always returns True.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        if not items:
            return True
        packed = {self.key(item_id): pack(features) for item_id, features in items.items()}
        async with self._bounded("put"), self._pipeline() as pipeline:
            for key, value in packed.items():
                pipeline.set(key, value, px=max(1, round(self._lifetime.draw() * 1000)))
            await pipeline.execute()
        return True

    async def remove_many(self, ids: Sequence[str]) -> bool:
        """Forget items, in one pipeline. Always returns True.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        if not ids:
            return True
        async with self._bounded("put"), self._pipeline() as pipeline:
            for item_id in ids:
                pipeline.delete(self.key(item_id))
            await pipeline.execute()
        return True

    def key(self, item_id: str) -> str:
        """The key of an item; it does not tell the id."""
        digest = hashlib.blake2b(item_id.encode(), digest_size=_KEY_BYTES).hexdigest()
        return f"{self._revision}:{digest}"

    def _pipeline(self) -> Pipeline | ClusterPipeline:
        return self._client.pipeline(transaction=False) if isinstance(self._client, Redis) else self._client.pipeline()

    async def _values(self, keys: Sequence[str]) -> Sequence[object]:
        values = await self._looked_up(keys)
        if len(values) != len(keys) or not all(value is None or isinstance(value, bytes) for value in values):
            raise InvalidResponse("something else than the values that were asked for")
        return values

    async def _looked_up(self, keys: Sequence[str]) -> Sequence[object]:
        if isinstance(self._client, Redis):
            return list(await self._client.mget(keys))
        # In a cluster the keys of a request lie on several nodes, and an MGET may name those of one slot only: each
        # node is sent its own GETs at once.
        pipeline = self._client.pipeline()
        for key in keys:
            pipeline.get(key)
        return list(await pipeline.execute())

    @asynccontextmanager
    async def _bounded(self, operation: Operation) -> AsyncIterator[None]:
        watch, cluster = LoopWatch(self._timeout_s), self._client if isinstance(self._client, Cluster) else None
        try:
            with self._metrics.stages["store"].time(), self._metrics.redis_seconds.labels(operation).time(), watch:
                async with asyncio.timeout(self._timeout_s), nullcontext() if cluster is None else cluster.turn():
                    yield
        except Exception as error:  # noqa: BLE001 -- over a strange answer redis-py stumbles with whatever error
            kind = kind_of(error, was_late=watch.late_s > self._timeout_s / 2)
            self._metrics.redis_errors.labels(operation, kind).inc()
            if cluster is not None and kind in ("timeout", "connection", "other"):
                cluster.look_again()
            raise failure_of(error, kind, operation, of_cluster=cluster is not None) from None


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
        return Cluster.at(
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
    if pool.connection_class in (Connection, SSLConnection):
        pool.connection_class = bounded(pool.connection_class)
        pool.connection_kwargs["resolver"] = Resolver()
    return Redis.from_pool(pool)
