"""The models that serve: one for all requests, others for the arms of an experiment; and the swap of the first."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from service.artifact.artifact import ArtifactError
from service.feature_store.encoder_features import EncoderFeatures
from service.feature_store.items.item import Item
from service.feature_store.store import Tiers
from service.heads.manifest import HeadError
from service.metrics.registry import Metrics
from service.models.model import Model
from service.models.runtime import ModelRuntime, load_to_serve
from service.ranking.weights import RankerError
from service.settings import Settings

_log = logging.getLogger(__name__)


class ModelManager:
    """Owns the runtime of the current model, and those of an experiment's arms. Requests lease one.

    A swap replaces the current model once the requests that lease it are answered; models of arms stay. The items of
    the catalogue are pinned in memory.
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
        """Create the runtimes; `arms` are models by folder. No item of the catalogue is embedded yet."""
        self._settings, self._metrics, self._tiers, self.catalogue = settings, metrics, tiers, catalogue
        self._swapping = asyncio.Lock()
        self._retiring: set[asyncio.Task[None]] = set()
        self._indexing: asyncio.Task[None] | None = None
        self._arms: dict[str, ModelRuntime] = {}
        self._prepared: ModelRuntime | None = None
        self.current = ModelRuntime(model, settings, metrics, self._new_features(model))
        self._report()
        for folder, one in (arms or {}).items():
            self._arms[folder] = ModelRuntime(one, settings, metrics, self._features_of(one))
            self._report_info(one)

    @property
    def redis_available(self) -> bool | None:
        """False while the circuit breaker of Redis is open; None without Redis."""
        shared = self._tiers.shared
        return None if shared is None else shared.available

    def lease(self, arm: str | None = None) -> AbstractContextManager[ModelRuntime]:
        """Lease the current runtime, or that of an arm's model by its folder, while a request is answered."""
        return (self.current if arm is None else self._arms[arm]).leased()

    def model_of(self, arm: str) -> Model:
        """The model of an arm, by its folder."""
        return self._arms[arm].model

    async def idle(self) -> None:
        """Wait until no request leases any runtime."""
        for runtime in (self.current, *self._arms.values()):
            await runtime.idle()

    async def pin_catalogue(self) -> None:
        """Embed the catalogue with every model.

        A model that is swapped in meanwhile has the whole catalogue already, and ends the work for the old one.
        """
        for arm in (None, *self._arms):
            with self.lease(arm) as runtime:
                await self._pin_catalogue(runtime, arm)

    async def _pin_catalogue(self, runtime: ModelRuntime, arm: str | None) -> None:
        def is_wanted() -> bool:
            return arm is not None or runtime is self.current

        try:
            await runtime.pin(self.catalogue, is_wanted=is_wanted)
        except Exception:
            if is_wanted():
                raise

    async def index_items(self) -> None:
        """Embed the stored items that a model's encoder has not read yet, for every model."""
        for arm in (None, *self._arms):
            with self.lease(arm) as runtime:
                await runtime.index_items()

    @property
    def prepared(self) -> Model | None:
        """The next model, between `prepare` and `commit` or `abandon`."""
        return None if self._prepared is None else self._prepared.model

    async def swap(self, folder: Path) -> Model:
        """Replace the current model by that of a folder: `prepare`, then `commit`.

        Raises:
            ArtifactError: the model may not be served; the old one stays.
            RankerError: its weights may not; the old one stays.
            HeadError: a head does not belong to it, or may not be served; the old model stays, with its heads.
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
        """Load, verify and warm up the model of a folder, and embed all items with it; the old one serves meanwhile.

        A model with the encoder of the old one takes over its features, the pinned catalogue included. Items that are
        put meanwhile are embedded after the switch, or with the requests that name them. The result must be given to
        `commit` or `abandon` before another model is prepared. Raises what `swap` does.
        """
        try:
            self._prepared = await self._prepare(folder)
        except (ArtifactError, RankerError, HeadError) as error:
            _log.error("the model was refused, the current one stays: %s", error)
            raise
        return self._prepared

    def commit(self, prepared: ModelRuntime) -> Model:
        """Make a prepared runtime the current one; requests that lease the old one finish with it."""
        old, self.current, self._prepared = self.current, prepared, None
        old.store.report(on=False)
        self._metrics.model_info.labels(old.model.manifest.name, old.model.manifest.revision).set(0)
        self._report()
        for runtime in self._arms.values():  # one of them may be the old model
            self._report_info(runtime.model)
        retiring = asyncio.create_task(old.retire())
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)
        self._index_behind(prepared)
        _log.info("the model %s serves in the place of %s", prepared.model.label, old.model.label)
        return prepared.model

    def abandon(self, prepared: ModelRuntime) -> None:
        """Close a prepared runtime; the old model stays."""
        self._prepared = None
        prepared.close()

    def count_swap(self, *, done: bool) -> None:
        """Count a swap; called once a service, however many workers it has."""
        self._metrics.model_swaps.labels("done" if done else "refused").inc()

    async def close(self) -> None:
        """Close all runtimes once no request leases them."""
        self._stop_indexing()
        if self._prepared is not None:
            self.abandon(self._prepared)
        await asyncio.gather(*(one.retire() for one in (self.current, *self._arms.values())), *self._retiring)

    async def _prepare(self, folder: Path) -> ModelRuntime:
        model = await asyncio.to_thread(load_to_serve, folder, self._settings, self._metrics)
        runtime = ModelRuntime(model, self._settings, self._metrics, self._features_of(model))
        try:
            await runtime.pin(self.catalogue)
            await runtime.index_items()
        except BaseException:  # cancelled, too
            runtime.close()
            raise
        return runtime

    def _index_behind(self, runtime: ModelRuntime) -> None:
        self._stop_indexing()
        self._indexing = asyncio.create_task(runtime.index_items())
        self._indexing.add_done_callback(_report_failure)

    def _stop_indexing(self) -> None:
        if self._indexing is not None:
            self._indexing.cancel()

    def _features_of(self, model: Model) -> EncoderFeatures:
        """The features of a model's encoder; shared by models with the same encoder."""
        known = (one.features for one in (self.current, *self._arms.values()))
        found = next((one for one in known if one.revision == model.encoder.revision), None)
        return found or self._new_features(model)

    def _new_features(self, model: Model) -> EncoderFeatures:
        return EncoderFeatures(model.encoder, self._settings, self._metrics, self._tiers)

    def _report(self) -> None:
        self.current.store.report(on=True)
        self._report_info(self.current.model)
        for name in self.current.model.heads:
            self._metrics.classified_inputs.labels(name)
        self._metrics.model_device_bytes.set(self.current.model.manifest.device_bytes)

    def _report_info(self, model: Model) -> None:
        self._metrics.model_info.labels(model.manifest.name, model.manifest.revision).set(1)


def _report_failure(indexing: asyncio.Task[None]) -> None:
    if not indexing.cancelled() and (error := indexing.exception()) is not None:
        _log.error("items that were put during the swap could not be embedded", exc_info=error)
