"""The features that one encoder made: vectors of different encoders must never be compared."""

from service.encoder.base import Encoder
from service.feature_store.expiry import JITTER, Lifetime
from service.feature_store.query_cache import QueryCache
from service.feature_store.store import FeatureStore, Tiers
from service.metrics.registry import Metrics
from service.settings import Settings


class EncoderFeatures:
    """The feature store and the query cache of an encoder; models with the same encoder share them.

    The tiers are below the memory of every encoder.
    """

    def __init__(self, encoder: Encoder, settings: Settings, metrics: Metrics, tiers: Tiers) -> None:
        self.revision, self.tiers = encoder.revision, tiers
        self.queries = QueryCache(metrics, capacity=settings.query_cache_size)
        # Above Redis, entries live for a short time, so that writes of other processes are soon seen.
        seconds = settings.feature_ttl_s if tiers.shared is None else settings.memory_ttl_s
        self.store = FeatureStore(
            encoder,
            tiers,
            metrics,
            capacity=settings.memory_items,
            lifetime=Lifetime(seconds, JITTER),
            prefix=settings.prefix,
        )
