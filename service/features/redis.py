"""The shared tier: Redis, one MGET a lookup and one pipeline a write, each within a stated time."""

import hashlib
from collections.abc import Mapping, Sequence

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.cluster import ClusterPipeline
from redis.exceptions import InvalidResponse

from service.features.base import Features, Lookup
from service.features.codec import pack, unpack
from service.features.expiry import Lifetime
from service.features.redis_calls import RedisCalls
from service.features.redis_client import Client
from service.metrics import Metrics

_REVISION_CHARS = 16
_KEY_BYTES = 16


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
        self._calls = RedisCalls(client, metrics, timeout_s=timeout_s)
        self._revision = revision[:_REVISION_CHARS]
        self._dimension = dimension
        self._lifetime = lifetime

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        """Look items up with one MGET. A value that can't be read counts as unknown.

        Raises:
            StoreUnavailableError: Redis did not answer in time, or not at all.
        """
        if not ids:
            return Lookup({})
        async with self._calls.bounded("get"):
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
        async with self._calls.bounded("put"), self._pipeline() as pipeline:
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
        async with self._calls.bounded("put"), self._pipeline() as pipeline:
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
