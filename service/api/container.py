"""What the service is made of, put together from settings and taken apart again at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from service.api.reading.bounds import JsonBounds
from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.items.item import Item
from service.feature_store.tiers import opened_tiers
from service.files.shared import can_share
from service.impressions.recorder import Recorder
from service.impressions.shared_memory import SharedImpressions
from service.metrics.registry import Metrics
from service.metrics.scrapes import Scrapes
from service.models.manager import ModelManager
from service.models.model import Model
from service.models.readiness import Readiness
from service.models.runtime import load_to_serve
from service.models.swap import LocalSwitch, Switch
from service.recommender.experiment import Experiment
from service.releases.releases import Releases
from service.releases.rollout import RolloutFile
from service.settings import Settings
from service.workers.membership import WAITING_FOR, Membership

_log = logging.getLogger(__name__)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0


@dataclass(frozen=True)
class Components:
    """The parts that routes work with."""

    settings: Settings
    json_bounds: JsonBounds
    metrics: Metrics
    scrapes: Scrapes
    models: ModelManager
    switch: Switch
    readiness: Readiness
    recorder: Recorder
    experiment: Experiment | None
    releases: Releases


@asynccontextmanager
async def assemble(
    settings: Settings,
    metrics: Metrics,
    model: Model | None = None,
    catalogue: Sequence[Item] | None = None,
    experiment: Experiment | None = None,
    rollout: RolloutFile | None = None,
    membership: Membership | None = None,
    arms: Mapping[str, Model] | None = None,
) -> AsyncIterator[Components]:
    """Put the service together; the catalogue's items are embedded in the background while it already answers.

    Args:
        settings: what the operator decided.
        metrics: the app's metrics.
        model: used instead of the one that the settings name.
        catalogue: used instead of the one that the settings name.
        experiment: the one that runs, if any does.
        rollout: what is released beside the model that serves.
        membership: what this process knows of its service, if that has several workers.
        arms: used instead of the models that the experiment's arms name.

    Raises:
        ArtifactError: the model may not be served.
        RankerError: its weights may not.
        HeadError: a head may not, or does not belong to it.
        CatalogueError: the catalogue is not one.
        StoreError: the store of items can't be used.
    """
    if model is None:
        model = load_to_serve(settings.model, settings, metrics)
    if arms is None:
        arms = load_arms(experiment, settings, metrics)
    if catalogue is None:
        catalogue = [] if settings.catalogue is None else read_catalogue(settings.catalogue)
    async with opened_tiers(settings, metrics) as tiers, _recording(settings, metrics, membership) as recorder:
        models = ModelManager(model, settings, metrics, tiers, catalogue, arms)
        releases = Releases(rollout, model.bundle, metrics)
        readiness = Readiness(metrics)
        readiness.wait_for("catalogue")
        async with _switching(models, settings, readiness, membership) as switch:
            loading = asyncio.create_task(_load_catalogue(models, readiness, membership))
            yield Components(
                settings=settings,
                json_bounds=JsonBounds.of(settings),
                metrics=metrics,
                scrapes=Scrapes(metrics.exposition),
                models=models,
                switch=switch,
                readiness=readiness,
                recorder=recorder,
                experiment=experiment,
                releases=releases,
            )
            loading.cancel()
            await asyncio.wait([loading])
        await releases.close()
        await models.close()


def load_arms(experiment: Experiment | None, settings: Settings, metrics: Metrics) -> dict[str, Model]:
    """The models that an experiment's arms name, by their folders; they classify nothing.

    Raises:
        ArtifactError: one may not be served.
        RankerError: its weights may not.
    """
    if experiment is None or settings.models is None:
        return {}
    return {
        folder: load_to_serve(settings.models / folder, settings, metrics, with_heads=False)
        for folder in experiment.models
    }


@asynccontextmanager
async def _switching(
    models: ModelManager, settings: Settings, readiness: Readiness, membership: Membership | None
) -> AsyncIterator[Switch]:
    if membership is not None:
        readiness.wait_for(WAITING_FOR)
        async with membership.joined(models, readiness):
            yield membership
        return
    switch = LocalSwitch(models, settings.model)
    yield switch
    await switch.close()


@asynccontextmanager
async def _recording(settings: Settings, metrics: Metrics, membership: Membership | None) -> AsyncIterator[Recorder]:
    memory = None
    if membership is not None and can_share():
        memory = SharedImpressions(membership.folder / "impressions", settings.remembered_impressions)
    recorder = Recorder.of(settings, metrics, memory=memory, slot=membership.slot if membership else 0)
    try:
        yield recorder
    finally:
        await asyncio.to_thread(recorder.close)


async def _load_catalogue(models: ModelManager, readiness: Readiness, membership: Membership | None) -> None:
    """Hold the catalogue and the items, and be ready."""
    await _tried_again("the catalogue", models.pin_catalogue)
    readiness.wait_for("items")
    readiness.settle("catalogue")
    await _tried_again("the items", models.index_items)
    readiness.settle("items")
    if membership is not None:
        membership.ready()
    _log.info("ready: %d catalogue items are held", len(models.catalogue))


async def _tried_again(what: str, load: Callable[[], Awaitable[None]]) -> None:
    """Load something; what fails may go well later, and goes on where it ended."""
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            await load()
        except Exception as error:  # noqa: BLE001 -- whatever it is, what is held already is served
            why = error if pause_s == _FIRST_PAUSE_S else None  # once at length
            _log.error("%s could not be loaded; the next try is in %g s", what, pause_s, exc_info=why)
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)
        else:
            return
