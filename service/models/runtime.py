"""A model at work: its encoder threads, its features and its recommender."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from service.admission.deadline import Deadline
from service.encoder.batcher import Batcher, EncoderError
from service.encoder.onnx_run import count_runs
from service.feature_store.encoder_features import EncoderFeatures
from service.feature_store.features import Features
from service.feature_store.items.indexing import embed_items
from service.feature_store.items.item import Item
from service.feature_store.items.record import Record
from service.feature_store.items.store import StoreFailedError, StoreFullError
from service.feature_store.store import FeatureStore
from service.metrics.registry import Metrics
from service.models.model import Model, load_model
from service.recommender.feature_retrieval import FeatureRetriever
from service.recommender.recommender import Recommender
from service.settings import Settings

_log = logging.getLogger(__name__)
_CATALOGUE_CHUNK = 128


def load_to_serve(folder: Path, settings: Settings, metrics: Metrics, *, with_heads: bool = True) -> Model:
    """Load a model as the settings say; its ONNX runs are counted.

    Raises:
        ArtifactError: the artifact may not be served.
        RankerError: its weights may not.
        HeadError: a head may not, or does not belong to it.
    """
    return load_model(
        folder,
        run_tokens=settings.run_tokens,
        on_run=count_runs(metrics),
        heads=settings.heads if with_heads else None,
        most_windows=settings.max_windows,
    )


class ModelRuntime:
    """A model at work; another with the same encoder may share its `features`."""

    def __init__(self, model: Model, settings: Settings, metrics: Metrics, features: EncoderFeatures) -> None:
        self.model, self.features = model, features
        self.encoder = Batcher(
            model.encoder,
            metrics,
            threads=settings.encode_threads,
            batch_tokens=settings.batch_tokens,
            max_tokens=settings.max_windows * model.manifest.model.max_length,
        )
        retriever = FeatureRetriever(self.encoder, features.queries, features.store)
        self.recommender = Recommender(model.label, model.weights, model.encoder.dimension, retriever, metrics)
        self._leases = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @property
    def store(self) -> FeatureStore:
        """The feature store."""
        return self.features.store

    @contextmanager
    def leased(self) -> Iterator["ModelRuntime"]:
        """Keep the model from being closed until the block ends."""
        self._leases += 1
        self._unused.clear()
        try:
            yield self
        finally:
            self._leases -= 1
            if not self._leases:
                self._unused.set()

    async def idle(self) -> None:
        """Wait until no request leases it."""
        while self._leases:
            await self._unused.wait()

    async def pin(self, catalogue: Sequence[Item], is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Embed the items of a catalogue that are not pinned yet, and pin them, for as long as `is_wanted`.

        Works in chunks, so that requests are answered in between.
        """
        lacking = [item for item in catalogue if not self.store.pins(item.id)]
        for start in range(0, len(lacking), _CATALOGUE_CHUNK):
            if not is_wanted():
                return
            some = lacking[start : start + _CATALOGUE_CHUNK]
            self.store.pin((await embed_items(some, self.encoder, Deadline(), refusable=False)).features)

    async def index_items(self) -> None:
        """Embed the stored items that this encoder has not read yet.

        Items that can't be read from the store now are embedded with the requests that name them.
        """
        indexed = 0
        try:
            async for chunk in self.features.tiers.items.chunks():
                indexed += await self._index(self.store.unread(chunk))
                await asyncio.sleep(0)
        except (StoreFailedError, StoreFullError) as error:
            _log.warning("not all stored items could be embedded: %s", type(error).__name__)
        if indexed:
            _log.info("%d stored items were embedded", indexed)

    async def _index(self, unread: Mapping[bytes, Record]) -> int:
        if not unread:
            return 0
        try:
            encoding = await self.encoder.encode([one.text for one in unread.values()], Deadline(), refusable=False)
        except EncoderError as error:
            _log.error("items could not be embedded", exc_info=error)
            return 0
        columns = zip(unread.items(), encoding.windows, encoding.terms, encoding.readable.tolist(), strict=True)
        records = {
            key: Record.of(
                one.text,
                one.category,
                self.features.revision,
                Features.of(windows, one.text, terms, one.category) if readable else None,
            )
            for (key, one), windows, terms, readable in columns
        }
        await self.features.tiers.items.add_many(records)
        return len(records)

    async def retire(self) -> None:
        """Close once no request leases it."""
        await self.idle()
        self.close()

    def close(self) -> None:
        """Let the threads end; their current batches are finished."""
        self.encoder.close()
