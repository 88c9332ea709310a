"""What answers requests with one model: its encoder, its feature store, its recommender, its catalogue."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from service.catalogue import Item
from service.deadline import Deadline
from service.encoder.batcher import Batcher
from service.encoder.instrumented import InstrumentedEncoder
from service.features.base import FeatureStore
from service.features.breaker import CircuitBreaker
from service.features.expiry import Lifetime
from service.features.memory import MemoryStore
from service.features.queries import RecentQueries
from service.features.tiered import TieredStore
from service.gathering import Gatherer
from service.indexing import embed_items
from service.metrics import Metrics
from service.model import Model
from service.recommender import Recommender
from service.settings import Settings

if TYPE_CHECKING:
    from service.features.redis import Client

_CATALOGUE_CHUNK = 128


class Serving:
    """A model at work. Vectors of different models must never meet, so each has a memory of its own.

    Attributes:
        model: what serves.
        encoder: embeds with it.
        store: remembers its vectors.
        recommender: ranks with them.
    """

    def __init__(self, model: Model, settings: Settings, metrics: Metrics, redis: "Client | None") -> None:
        self.model = model
        self.encoder = Batcher(
            InstrumentedEncoder(model.encoder, metrics),
            metrics,
            threads=settings.encode_threads,
            batch_tokens=settings.batch_tokens,
            queue_tokens=settings.queue_tokens,
            max_tokens=settings.most_windows * model.manifest.model.max_length,
        )
        self._memory = _memory_tier(settings, metrics)
        self.store = self._memory if redis is None else _tiers(self._memory, redis, model, settings, metrics)
        queries = RecentQueries(metrics, capacity=settings.recent_queries)
        self.recommender = Recommender(model, Gatherer(self.encoder, queries, self.store, metrics), metrics)
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @contextmanager
    def used(self) -> Iterator["Serving"]:
        """While a request is answered: it ends with the model that it began with."""
        self._users += 1
        self._unused.clear()
        try:
            yield self
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()

    async def idle(self) -> None:
        """Wait for a moment in which no request uses it."""
        while self._users:
            await self._unused.wait()

    async def hold(self, catalogue: Sequence[Item]) -> None:
        """Embed a catalogue and hold it for good, a chunk at a time, so that requests get their turns in between."""
        for start in range(0, len(catalogue), _CATALOGUE_CHUNK):
            chunk = catalogue[start : start + _CATALOGUE_CHUNK]
            embedded = await embed_items(chunk, self.encoder, Deadline(), refusable=False)
            self._memory.pin_many(embedded.features)

    async def retire(self) -> None:
        """Let go of the model once nobody uses it."""
        await self._unused.wait()
        self.encoder.close()


def _memory_tier(settings: Settings, metrics: Metrics) -> MemoryStore:
    """Above Redis, entries live for a short while, so that what others write is soon seen; alone, for long."""
    seconds = settings.feature_ttl_s if settings.redis_url is None else settings.memory_ttl_s
    return MemoryStore(metrics, capacity=settings.memory_items, lifetime=Lifetime(seconds, settings.ttl_jitter))


def _tiers(memory: MemoryStore, client: "Client", model: Model, settings: Settings, metrics: Metrics) -> FeatureStore:
    from service.features.redis import RedisStore  # noqa: PLC0415 -- only where there is a Redis

    redis = RedisStore(
        client,
        metrics,
        revision=model.encoder.revision,
        dimension=model.encoder.dimension,
        lifetime=Lifetime(settings.feature_ttl_s, settings.ttl_jitter),
        timeout_s=settings.redis_timeout_ms / 1000,
    )
    return TieredStore(memory, redis, CircuitBreaker(cooldown_s=settings.redis_cooldown_s), metrics)
