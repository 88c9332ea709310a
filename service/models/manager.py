"""Which models serve: one for all, others for arms of an experiment; and how one takes the place of the first."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from service.artifact.artifact import ArtifactError
from service.feature_store.items.item import Item
from service.feature_store.encoder_features import EncoderFeatures
from service.feature_store.store import Tiers
from service.heads.manifest import HeadError
from service.metrics.registry import Metrics
from service.models.model import Model
from service.models.runtime import ModelRuntime, load_to_serve
from service.ranking.weights import RankerError
from service.settings import Settings

_log = logging.getLogger(__name__)


class ModelManager:
    """Holds the model that serves, and those of an experiment's arms. Requests lease one.

    A swap of the model that serves waits for those that lease the old one, and concerns no arm with a model of its own.
    """

    def __init__(
        self,
        model: Model,
        settings: Settings,
        metrics: Metrics,
        tiers: Tiers,
        catalogue: Sequence[Item],
        arms: Mapping[str, Model] | None = None,
    ) -> None:
        """Hold no items yet.

        Args:
            model: the one that serves.
            settings: what the operator decided.
            metrics: where to count.
            tiers: what lies below the memories of all encoders.
            catalogue: the items that are held for good.
            arms: the models that arms of the experiment name, by their folders.
        """
        self._settings, self._metrics, self._tiers, self._catalogue = settings, metrics, tiers, catalogue
        self._swapping = asyncio.Lock()
        self._retiring: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None
        self._arms: dict[str, ModelRuntime] = {}
        self._prepared: ModelRuntime | None = None
        self._current = ModelRuntime(model, settings, metrics, self._nothing_yet(model))
        self._tell()
        for folder, one in (arms or {}).items():
            self._arms[folder] = ModelRuntime(one, settings, metrics, self._remembered_of(one))
            self._tell_info(one)

    @property
    def current(self) -> ModelRuntime:
        """What serves now."""
        return self._current

    @property
    def catalogue(self) -> Sequence[Item]:
        """The items that are held for good."""
        return self._catalogue

    @property
    def redis_available(self) -> bool | None:
        """Whether Redis is asked, or left alone because it fails; None without one."""
        shared = self._tiers.shared
        return None if shared is None else shared.available

    @property
    def tiers(self) -> Tiers:
        """What lies below the memories of all encoders."""
        return self._tiers

    def lease(self, arm: str | None = None) -> AbstractContextManager[ModelRuntime]:
        """What serves, for as long as a request takes; of an arm that names a model, by its folder, that one."""
        return (self._current if arm is None else self._arms[arm]).used()

    def model_of(self, arm: str) -> Model:
        """The model that an arm names by its folder."""
        return self._arms[arm].model

    async def idle(self) -> None:
        """Wait for a moment in which no request uses what serves."""
        for runtime in (self._current, *self._arms.values()):
            await runtime.idle()

    async def hold_catalogue(self) -> None:
        """Embed the catalogue with the models that serve.

        One that takes the place of another meanwhile has the whole catalogue already, and nothing is left to do.
        """
        for arm in (None, *self._arms):
            with self.lease(arm) as runtime:
                await self._hold_catalogue(runtime, arm)

    async def _hold_catalogue(self, runtime: ModelRuntime, arm: str | None) -> None:
        def is_wanted() -> bool:
            return arm is not None or runtime is self._current

        try:
            await runtime.hold(self._catalogue, is_wanted=is_wanted)
        except Exception:
            if is_wanted():
                raise

    async def hold_items(self) -> None:
        """Have the models that serve read the items that they have yet to read; one may be swapped meanwhile."""
        for arm in (None, *self._arms):
            with self.lease(arm) as runtime:
                await runtime.hold_items()

    @property
    def prepared(self) -> Model | None:
        """The model that is about to serve, between `prepare` and `commit` or `abandon`."""
        return None if self._prepared is None else self._prepared.model

    async def swap(self, folder: Path) -> Model:
        """Have the model of a folder serve from now on: `prepare` and `commit`.

        Raises:
            ArtifactError: the model may not be served; the old one serves on.
            RankerError: its weights may not; the old one serves on.
            HeadError: a head has none that belongs to it, or may not be served; the old one serves on with its heads.
        """
        async with self._swapping:
            try:
                prepared = await self.prepare(folder)
            except (ArtifactError, RankerError, HeadError):
                self.count_swap(done=False)
                raise
            model = self.commit(prepared)
            self.count_swap(done=True)
            return model

    async def prepare(self, folder: Path) -> ModelRuntime:
        """Load, verify and warm the model of a folder, and embed all items with it; the old one serves on.

        A model with the encoder of the old one takes over what is remembered, the catalogue included. Items that are
        put meanwhile are embedded behind the switch, and until then with the requests that name them. What comes of it
        is to be given to `commit` or `abandon` before another model is prepared.

        Raises:
            ArtifactError: the model may not be served.
            RankerError: its weights may not.
            HeadError: a head has none that belongs to it, or may not be served.
        """
        try:
            self._prepared = await self._prepare(folder)
        except (ArtifactError, RankerError, HeadError) as error:
            _log.error("the model was refused, the old one serves on: %s", error)
            raise
        return self._prepared

    def commit(self, prepared: ModelRuntime) -> Model:
        """Have what was prepared serve from now on; requests that began with the old model end with it."""
        old, self._current, self._prepared = self._current, prepared, None
        old.store.tell(on=False)
        self._metrics.model_info.labels(old.model.manifest.name, old.model.manifest.revision).set(0)
        self._tell()
        for runtime in self._arms.values():  # one of them may be the old model
            self._tell_info(runtime.model)
        retiring = asyncio.create_task(old.retire())
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)
        self._read_behind(prepared)
        _log.info("the model %s serves in the place of %s", prepared.model.label, old.model.label)
        return prepared.model

    def abandon(self, prepared: ModelRuntime) -> None:
        """Let go of what was prepared; the old model serves on."""
        self._prepared = None
        prepared.close()

    def count_swap(self, *, done: bool) -> None:
        """Count a swap: once in a service, however many processes it has."""
        self._metrics.model_swaps.labels("done" if done else "refused").inc()

    async def close(self) -> None:
        """Let go of everything once no request is in work."""
        self._stop_reading()
        if self._prepared is not None:
            self.abandon(self._prepared)
        await asyncio.gather(*(one.retire() for one in (self._current, *self._arms.values())), *self._retiring)

    async def _prepare(self, folder: Path) -> ModelRuntime:
        model = await asyncio.to_thread(load_to_serve, folder, self._settings, self._metrics)
        runtime = ModelRuntime(model, self._settings, self._metrics, self._remembered_of(model))
        try:
            await runtime.hold(self._catalogue)
            await runtime.hold_items()
        except BaseException:  # cancelled, too
            runtime.close()
            raise
        return runtime

    def _read_behind(self, runtime: ModelRuntime) -> None:
        self._stop_reading()
        self._reading = asyncio.create_task(runtime.hold_items())
        self._reading.add_done_callback(_report_failure)

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def _remembered_of(self, model: Model) -> EncoderFeatures:
        """What is remembered in the vectors of a model's encoder."""
        known = (one.remembered for one in (self._current, *self._arms.values()))
        found = next((one for one in known if one.revision == model.encoder.revision), None)
        return found or self._nothing_yet(model)

    def _nothing_yet(self, model: Model) -> EncoderFeatures:
        return EncoderFeatures(model.encoder, self._settings, self._metrics, self._tiers)

    def _tell(self) -> None:
        self._current.store.tell(on=True)
        self._tell_info(self._current.model)
        for name in self._current.model.heads:
            self._metrics.classified_inputs.labels(name)
        self._metrics.model_device_bytes.set(self._current.model.manifest.device_bytes)

    def _tell_info(self, model: Model) -> None:
        self._metrics.model_info.labels(model.manifest.name, model.manifest.revision).set(1)


def _report_failure(reading: asyncio.Task[None]) -> None:
    if not reading.cancelled() and (error := reading.exception()) is not None:
        _log.error("items that were put during the swap were not read anew", exc_info=error)
