"""Which model serves, and how another takes its place without a request noticing."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from service.artifact import ArtifactError
from service.catalogue import Item
from service.encoder.instrumented import count_runs
from service.features.breaker import CircuitBreaker
from service.heads.errors import HeadError
from service.metrics import Metrics
from service.model import Model, load_model
from service.ranking.weights import RankerError
from service.remembered import Remembered
from service.serving import Serving
from service.settings import Settings

if TYPE_CHECKING:
    from service.features.redis_client import Client

_log = logging.getLogger(__name__)


class ModelHost:
    """Holds the model that serves. Requests lease it; a swap waits for those that lease the old one."""

    def __init__(
        self, model: Model, settings: Settings, metrics: Metrics, redis: "Client | None", catalogue: Sequence[Item]
    ) -> None:
        self._settings, self._metrics, self._redis, self._catalogue = settings, metrics, redis, catalogue
        self._breaker = CircuitBreaker(cooldown_s=settings.redis_cooldown_s)
        self._swapping = asyncio.Lock()
        self._retiring: set[asyncio.Task[None]] = set()
        self._current = Serving(model, settings, metrics, self._nothing_yet(model))
        self._tell()

    @property
    def current(self) -> Serving:
        """What serves now."""
        return self._current

    @property
    def catalogue(self) -> Sequence[Item]:
        """The items that are held for good."""
        return self._catalogue

    @property
    def redis_available(self) -> bool | None:
        """Whether Redis is asked, or left alone because it fails; None without one."""
        return None if self._redis is None else not self._breaker.is_open

    def lease(self) -> AbstractContextManager[Serving]:
        """What serves, for as long as a request takes."""
        return self._current.used()

    async def idle(self) -> None:
        """Wait for a moment in which no request uses what serves."""
        await self._current.idle()

    async def hold_catalogue(self) -> None:
        """Embed the catalogue with the model that serves.

        If another one takes its place meanwhile, that one has the whole catalogue already, and nothing is left to do.
        """
        with self.lease() as serving:
            try:
                await serving.hold(self._catalogue, is_wanted=lambda: serving is self._current)
            except Exception:
                if serving is self._current:
                    raise

    async def swap(self, folder: Path) -> Model:
        """Load, verify and warm the model of a folder, embed the catalogue with it, and have it serve from then on.

        A model with the encoder of the old one takes over what is remembered, the catalogue included. Until all has
        gone well the old model serves; requests that began with it end with it.

        Raises:
            ArtifactError: the model may not be served; the old one serves on.
            RankerError: its weights may not; the old one serves on.
            HeadError: a head has none that belongs to it, or may not be served; the old one serves on with its heads.
        """
        async with self._swapping:
            try:
                new = await self._prepare(folder)
            except (ArtifactError, RankerError, HeadError) as error:
                self._metrics.model_swaps.labels("refused").inc()
                _log.error("the model was refused, the old one serves on: %s", error)
                raise
            old, self._current = self._current, new
            old.remembered.tell(on=False)
            self._metrics.model_swaps.labels("done").inc()
            self._metrics.model_info.labels(old.model.manifest.name, old.model.manifest.revision).set(0)
            self._tell()
            retiring = asyncio.create_task(old.retire())
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)
            _log.info("the model %s serves in the place of %s", new.model.label, old.model.label)
            return new.model

    async def close(self) -> None:
        """Let go of everything once no request is in work."""
        await asyncio.gather(self._current.retire(), *self._retiring)

    async def _prepare(self, folder: Path) -> Serving:
        settings, on_run = self._settings, count_runs(self._metrics)
        model = await asyncio.to_thread(
            load_model,
            folder,
            run_tokens=settings.run_tokens,
            on_run=on_run,
            heads=settings.heads,
            most_windows=settings.most_windows,
        )
        old = self._current.remembered
        known = old if old.revision == model.encoder.revision else self._nothing_yet(model)
        serving = Serving(model, settings, self._metrics, known)
        try:
            await serving.hold(self._catalogue)
        except BaseException:  # cancelled, too
            serving.close()
            raise
        return serving

    def _nothing_yet(self, model: Model) -> Remembered:
        return Remembered(model.encoder, self._settings, self._metrics, self._redis, self._breaker)

    def _tell(self) -> None:
        self._current.remembered.tell(on=True)
        manifest = self._current.model.manifest
        self._metrics.model_info.labels(manifest.name, manifest.revision).set(1)
        for name in self._current.model.heads:
            self._metrics.classified_inputs.labels(name)
        self._metrics.model_device_bytes.set(manifest.device_bytes)
