"""What answers requests with one model: its encoder, what it remembers, its recommender, its catalogue."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from service.catalogue import Item
from service.deadline import Deadline
from service.encoder.batcher import Batcher
from service.encoder.instrumented import InstrumentedEncoder
from service.features.base import FeatureStore
from service.gathering import Gatherer
from service.indexing import embed_items
from service.metrics import Metrics
from service.model import Model
from service.recommender import Recommender
from service.remembered import Remembered
from service.settings import Settings

_CATALOGUE_CHUNK = 128


class Serving:
    """A model at work.

    Attributes:
        model: what serves.
        remembered: the vectors of its encoder.
        encoder: embeds with it.
        recommender: ranks with them.
    """

    def __init__(self, model: Model, settings: Settings, metrics: Metrics, remembered: Remembered) -> None:
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
        self.recommender = Recommender(
            model, Gatherer(self.encoder, remembered.queries, remembered.items, metrics), metrics
        )
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @property
    def store(self) -> FeatureStore:
        """Remembers its vectors of items."""
        return self.remembered.items

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

    async def hold(self, catalogue: Sequence[Item], is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Embed what is not held of a catalogue yet, and hold it for good, as long as that is wanted.

        A chunk at a time, so that requests get their turns in between.
        """
        lacking = [item for item in catalogue if not self.remembered.pins(item.id)]
        for start in range(0, len(lacking), _CATALOGUE_CHUNK):
            if not is_wanted():
                return
            embedded = await embed_items(
                lacking[start : start + _CATALOGUE_CHUNK], self.encoder, Deadline(), refusable=False
            )
            # Another model of the same encoder may have been quicker, and what it held been replaced since.
            self.remembered.pin(
                {item_id: one for item_id, one in embedded.features.items() if not self.remembered.pins(item_id)}
            )

    async def retire(self) -> None:
        """Let go of the model once nobody uses it."""
        await self.idle()
        self.close()

    def close(self) -> None:
        """Let go of the model now; what its threads are at is finished."""
        self.encoder.close()
