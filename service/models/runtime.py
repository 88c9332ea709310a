"""What answers requests with one model: its encoder, what it remembers, its recommender, its catalogue."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from service.admission.deadline import Deadline
from service.encoder.batcher import Batcher, EncoderError
from service.encoder.instrumented import InstrumentedEncoder, count_runs
from service.feature_store.features import Features
from service.feature_store.items.item import Item
from service.feature_store.items.indexing import embed_items
from service.feature_store.items.store import StoreFailedError, StoreFullError
from service.feature_store.items.record import Record
from service.feature_store.encoder_features import EncoderFeatures
from service.feature_store.store import FeatureStore
from service.metrics.registry import Metrics
from service.models.model import Model, load_model
from service.recommender.feature_retrieval import FeatureRetriever
from service.recommender.recommender import Recommender
from service.settings import Settings

_log = logging.getLogger(__name__)
_CATALOGUE_CHUNK = 128


def load_to_serve(folder: Path, settings: Settings, metrics: Metrics, *, with_heads: bool = True) -> Model:
    """The model of a folder as settings say, with its heads where it is to classify; its runs are counted.

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
        most_windows=settings.most_windows,
    )


class ModelRuntime:
    """A model at work.

    Attributes:
        model: what serves.
        remembered: the vectors of its encoder.
        encoder: embeds with it.
        recommender: ranks with them.
    """

    def __init__(self, model: Model, settings: Settings, metrics: Metrics, remembered: EncoderFeatures) -> None:
        """Start no thread yet.

        Args:
            model: what is to serve.
            settings: what the operator decided.
            metrics: where to count.
            remembered: the vectors of the model's encoder; the model that serves may share them.
        """
        self.model = model
        self.remembered = remembered
        self.encoder = Batcher(
            InstrumentedEncoder(model.encoder, metrics),
            metrics,
            threads=settings.encode_threads,
            batch_tokens=settings.batch_tokens,
            max_tokens=settings.most_windows * model.manifest.model.max_length,
        )
        self.recommender = Recommender(model, FeatureRetriever(self.encoder, remembered.queries, remembered.store), metrics)
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @property
    def store(self) -> FeatureStore:
        """Remembers its vectors of items."""
        return self.remembered.store

    @contextmanager
    def used(self) -> Iterator["ModelRuntime"]:
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

    async def hold(self, catalogue: Sequence[Item], is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Embed what is not held of a catalogue yet, and hold it for good, as long as that is wanted.

        A chunk at a time, so that requests get their turns in between.
        """
        lacking = [item for item in catalogue if not self.store.pins(item.id)]
        for start in range(0, len(lacking), _CATALOGUE_CHUNK):
            if not is_wanted():
                return
            embedded = await embed_items(
                lacking[start : start + _CATALOGUE_CHUNK], self.encoder, Deadline(), refusable=False
            )
            self.store.pin(embedded.features)

    async def hold_items(self) -> None:
        """Have the encoder read the items that clients have put and that it has yet to read.

        What of them can't be read now is read with the requests that name it.
        """
        read = 0
        try:
            async for chunk in self.remembered.tiers.items.chunks():
                read += await self._read(self.store.unread(chunk))
                await asyncio.sleep(0)
        except (StoreFailedError, StoreFullError) as error:
            _log.warning("not all items could be read anew: %s", type(error).__name__)
        if read:
            _log.info("%d items were read anew", read)

    async def _read(self, unread: Mapping[bytes, Record]) -> int:
        if not unread:
            return 0
        try:
            encoding = await self.encoder.encode([one.text for one in unread.values()], Deadline(), refusable=False)
        except EncoderError as error:
            _log.error("items could not be embedded", exc_info=error)
            return 0
        columns = zip(unread.items(), encoding.windows, encoding.terms, encoding.readable.tolist(), strict=True)
        made = {
            key: Record.of(
                one.text,
                one.category,
                self.remembered.revision,
                Features.of(windows, one.text, terms, one.category) if readable else None,
            )
            for (key, one), windows, terms, readable in columns
        }
        await self.remembered.tiers.items.add_many(made)
        return len(made)

    async def retire(self) -> None:
        """Let go of the model once nobody uses it."""
        await self.idle()
        self.close()

    def close(self) -> None:
        """Let go of the model now; what its threads are at is finished."""
        self.encoder.close()
