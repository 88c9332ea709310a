"""Values in Redis: one MGET per lookup and one pipeline per write, each in bounded time."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.cluster import ClusterNode, ClusterPipeline
from redis.exceptions import InvalidResponse

from service.feature_store.redis.calls import RedisCalls
from service.feature_store.redis.client import Client
from service.metrics.registry import Metrics

_SCANNED = 1000
_REPLACE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end"


class RedisValues:
    """The `KeyValueStore` of a Redis server or cluster."""

    def __init__(self, client: Client, metrics: Metrics, *, timeout_s: float) -> None:
        self._client = client
        self._calls = RedisCalls(client, metrics, timeout_s=timeout_s)

    async def get_many(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """The values of keys, with one MGET; None where there is none.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        async with self._calls.bounded("get"):
            values = await self._values(keys)
            if len(values) != len(keys) or not all(value is None or isinstance(value, bytes) for value in values):
                raise InvalidResponse("not the values of the keys")
        return cast("Sequence[bytes | None]", values)

    async def put_many(self, values: Mapping[str, bytes], lifetimes_s: Sequence[float] | None) -> bool:
        """Write values in one pipeline, each with its lifetime, or without expiry. Always returns True.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        lifetimes = [None] * len(values) if lifetimes_s is None else [max(1, round(1000 * one)) for one in lifetimes_s]
        async with self._calls.bounded("put"), self._pipeline() as pipeline:
            for (key, value), lifetime in zip(values.items(), lifetimes, strict=True):
                pipeline.set(key, value, px=lifetime)
            await pipeline.execute()
        return True

    async def replace_many(self, values: Mapping[str, tuple[bytes, bytes]]) -> bool:
        """Compare and set: write each second value where the first is current. Always returns True.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        async with self._calls.bounded("put"):
            await asyncio.gather(*(self._eval(key, old, new) for key, (old, new) in values.items()))
        return True

    async def keys(self, beginning: str) -> AsyncIterator[str]:
        """All keys with a prefix, which contains no special characters of patterns.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        pattern = f"{beginning}*"
        for node in await self._nodes():
            cursor = 0
            while True:
                async with self._calls.bounded("get"):
                    cursor, found = await self._scan(cursor, pattern, node)
                    if not isinstance(found, list) or not all(isinstance(key, bytes | str) for key in found):
                        raise InvalidResponse("not keys")
                for key in found:
                    yield key.decode("utf-8", "replace") if isinstance(key, bytes) else key
                if not cursor:
                    break

    async def _nodes(self) -> Sequence[ClusterNode | None]:
        """The primary nodes; [None] of a single server."""
        if isinstance(self._client, Redis):
            return [None]
        async with self._calls.bounded("get"):
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
