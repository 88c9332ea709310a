"""What the service is made of, put together from settings and taken apart again at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from service.catalogue import Item, read_catalogue
from service.encoder.instrumented import InstrumentedEncoder, count_runs
from service.encoder.threaded import ThreadedEncoder
from service.features.base import FeatureStore
from service.features.breaker import CircuitBreaker
from service.features.expiry import Lifetime
from service.features.memory import MemoryStore
from service.features.redis import RedisStore, connect
from service.features.tiered import TieredStore
from service.gathering import Gatherer
from service.indexing import embed_items
from service.metrics import Metrics
from service.model import Model, load_model
from service.readiness import Readiness
from service.recommender import Recommender
from service.settings import Settings

_log = logging.getLogger(__name__)
_CATALOGUE_CHUNK = 128


@dataclass(frozen=True)
class Components:
    """The parts that routes work with.

    Attributes:
        catalogue_items: how many items are held for good.
    """

    settings: Settings
    metrics: Metrics
    model: Model
    encoder: ThreadedEncoder
    store: FeatureStore
    recommender: Recommender
    readiness: Readiness
    catalogue_items: int


@asynccontextmanager
async def assemble(
    settings: Settings, metrics: Metrics, model: Model | None = None, catalogue: Sequence[Item] | None = None
) -> AsyncIterator[Components]:
    """Put the service together; the catalogue's items are embedded in the background while it already answers.

    Args:
        settings: what the operator decided.
        metrics: the app's metrics.
        model: used instead of the one that the settings name.
        catalogue: used instead of the one that the settings name.

    Raises:
        ArtifactError: the model may not be served.
        RankerError: its weights may not.
        CatalogueError: the catalogue is not one.
    """
    if model is None:
        model = load_model(settings.model, run_tokens=settings.run_tokens, on_run=count_runs(metrics))
    if catalogue is None:
        catalogue = [] if settings.catalogue is None else read_catalogue(settings.catalogue)
    metrics.model_info.labels(model.manifest.name, model.manifest.revision).set(1)
    metrics.model_device_bytes.set(model.manifest.device_bytes)

    encoder = ThreadedEncoder(InstrumentedEncoder(model.encoder, metrics), metrics, threads=settings.encode_threads)
    memory = _memory_tier(settings, metrics)
    async with _store(settings, metrics, model, memory) as store:
        readiness = Readiness(metrics)
        readiness.wait_for("catalogue")
        loading = asyncio.create_task(_load_catalogue(catalogue, encoder, memory, readiness))
        loading.add_done_callback(_report_failure)
        yield Components(
            settings=settings,
            metrics=metrics,
            model=model,
            encoder=encoder,
            store=store,
            recommender=Recommender(model, Gatherer(encoder, store, metrics), metrics),
            readiness=readiness,
            catalogue_items=len(catalogue),
        )
        loading.cancel()
        await asyncio.wait([loading])


def _memory_tier(settings: Settings, metrics: Metrics) -> MemoryStore:
    """Above Redis, entries live for a short while, so that what others write is soon seen; alone, for long."""
    seconds = settings.feature_ttl_s if settings.redis_url is None else settings.memory_ttl_s
    return MemoryStore(metrics, capacity=settings.memory_items, lifetime=Lifetime(seconds, settings.ttl_jitter))


@asynccontextmanager
async def _store(
    settings: Settings, metrics: Metrics, model: Model, memory: MemoryStore
) -> AsyncIterator[FeatureStore]:
    if settings.redis_url is None:
        yield memory
        return
    timeout_s = settings.redis_timeout_ms / 1000
    client = connect(settings.redis_url.get_secret_value(), timeout_s=timeout_s, connections=settings.redis_connections)
    redis = RedisStore(
        client,
        metrics,
        revision=model.encoder.revision,
        dimension=model.encoder.dimension,
        lifetime=Lifetime(settings.feature_ttl_s, settings.ttl_jitter),
        timeout_s=timeout_s,
    )
    try:
        yield TieredStore(memory, redis, CircuitBreaker(cooldown_s=settings.redis_cooldown_s), metrics)
    finally:
        await redis.close()


async def _load_catalogue(
    catalogue: Sequence[Item], encoder: ThreadedEncoder, memory: MemoryStore, readiness: Readiness
) -> None:
    """Embed a chunk at a time, so that requests get their turn at the encoder in between."""
    for start in range(0, len(catalogue), _CATALOGUE_CHUNK):
        embedded = await embed_items(catalogue[start : start + _CATALOGUE_CHUNK], encoder)
        memory.pin_many(embedded.features)
    readiness.settle("catalogue")
    _log.info("ready: %d catalogue items are held", len(catalogue))


def _report_failure(loading: asyncio.Task[None]) -> None:
    """The service stays not ready, and answers from what it holds; why, is for the log."""
    if not loading.cancelled() and (error := loading.exception()) is not None:
        _log.error("the catalogue failed to load", exc_info=error)
