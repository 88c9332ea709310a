"""What is remembered of items and queries, in the vectors of one encoder."""

from service.encoder.base import Encoder
from service.feature_store.expiry import Lifetime
from service.feature_store.query_cache import QueryCache
from service.feature_store.store import FeatureStore, Tiers
from service.metrics.registry import Metrics
from service.settings import Settings


class EncoderFeatures:
    """Vectors of different encoders must never meet, so each has a memory of its own; models that share one share it.

    Attributes:
        revision: the encoder's.
        tiers: what lies below the memories of all encoders.
        store: the feature store: the process's memory, and below it what all encoders have in common.
        queries: those asked lately.
    """

    def __init__(self, encoder: Encoder, settings: Settings, metrics: Metrics, tiers: Tiers) -> None:
        """Remember nothing yet.

        Args:
            encoder: whose vectors.
            settings: how much, and for how long.
            metrics: where to count.
            tiers: what lies below the process's memory.
        """
        self.revision, self.tiers = encoder.revision, tiers
        self.queries = QueryCache(metrics, capacity=settings.recent_queries)
        # Above Redis, entries live for a short while, so that what others write is soon seen; alone, for long.
        seconds = settings.feature_ttl_s if tiers.shared is None else settings.memory_ttl_s
        self.store = FeatureStore(
            encoder,
            tiers,
            metrics,
            capacity=settings.memory_items,
            lifetime=Lifetime(seconds, settings.ttl_jitter),
            prefix=settings.prefix,
        )
