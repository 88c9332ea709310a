"""What is remembered of items and queries, in the vectors of one encoder."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from service.encoder.base import Encoder
from service.features.base import Features, FeatureStore
from service.features.breaker import CircuitBreaker
from service.features.expiry import Lifetime
from service.features.memory import MemoryStore
from service.features.queries import RecentQueries
from service.features.tiered import TieredStore
from service.metrics import Metrics
from service.settings import Settings

if TYPE_CHECKING:
    from service.features.redis_client import Client


class Remembered:
    """Vectors of different encoders must never meet, so each has a memory of its own; models that share one share it.

    Attributes:
        revision: the encoder's.
        items: the feature store: the process's memory, and Redis below it where there is one.
        queries: those asked lately.
    """

    def __init__(
        self, encoder: Encoder, settings: Settings, metrics: Metrics, redis: "Client | None", breaker: CircuitBreaker
    ) -> None:
        """Remember nothing yet.

        Args:
            encoder: whose vectors.
            settings: how much, and for how long.
            metrics: where to count.
            redis: the shared tier, if there is one.
            breaker: leaves it alone while it is down.
        """
        self.revision = encoder.revision
        self.queries = RecentQueries(metrics, capacity=settings.recent_queries)
        self._memory = _memory_tier(settings, metrics)
        self.items: FeatureStore = self._memory
        if redis is not None:
            self.items = _tiers(self._memory, redis, breaker, encoder, settings, metrics)

    def pins(self, item_id: str) -> bool:
        """Whether an item is remembered for good."""
        return self._memory.pins(item_id)

    def pin(self, items: Mapping[str, Features]) -> None:
        """Remember items for good, in process."""
        self._memory.pin_many(items)

    def tell(self, *, on: bool) -> None:
        """Have the metrics say how much is remembered here, or no longer."""
        self._memory.tell(on=on)


def _memory_tier(settings: Settings, metrics: Metrics) -> MemoryStore:
    """Above Redis, entries live for a short while, so that what others write is soon seen; alone, for long."""
    seconds = settings.feature_ttl_s if settings.redis_url is None else settings.memory_ttl_s
    return MemoryStore(metrics, capacity=settings.memory_items, lifetime=Lifetime(seconds, settings.ttl_jitter))


def _tiers(
    memory: MemoryStore,
    client: "Client",
    breaker: CircuitBreaker,
    encoder: Encoder,
    settings: Settings,
    metrics: Metrics,
) -> TieredStore:
    from service.features.redis import RedisStore  # noqa: PLC0415 -- only where there is a Redis

    redis = RedisStore(
        client,
        metrics,
        revision=encoder.revision,
        dimension=encoder.dimension,
        lifetime=Lifetime(settings.feature_ttl_s, settings.ttl_jitter),
        timeout_s=settings.redis_timeout_ms / 1000,
    )
    return TieredStore(memory, redis, breaker, metrics)
