"""The container of what the service consists of, assembled from settings and taken apart at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from service.api.json.bounds import JsonBounds
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
from service.releases.heads_folder import HeadsFolder
from service.releases.releases import Releases
from service.releases.rollout import RolloutFile
from service.settings import Settings
from service.workers.membership import WAITING_FOR, Membership

_log = logging.getLogger(__name__)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0


@dataclass(frozen=True)
class Container:
    """The parts of the service that routes use."""

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
    released_heads: HeadsFolder | None = None,
) -> AsyncIterator[Container]:
    """Assemble the service; the catalogue is embedded in the background while requests are already answered.

    `create_app` explains the arguments; `rollout` and `released_heads` are what is released beside the model that
    serves.

    Raises:
        UserError: the model, a head, the catalogue or the item store can't be used.
    """
    if model is None:
        model = load_to_serve(settings.model, settings, metrics)
    if arms is None:
        arms = load_arms(experiment, settings, metrics)
    if catalogue is None:
        catalogue = load_catalogue(settings)
    async with opened_tiers(settings, metrics) as tiers, _recording(settings, metrics, membership) as recorder:
        models = ModelManager(model, settings, metrics, tiers, catalogue, arms)
        releases = Releases(rollout, released_heads, model.bundle, metrics)
        readiness = Readiness(metrics)
        readiness.wait_for("catalogue")
        async with _switching(models, settings, readiness, membership) as switch:
            loading = asyncio.create_task(_hold_items(models, readiness, membership))
            yield Container(
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
    """Load the models that an experiment's arms name, without heads; keys are their folders."""
    if experiment is None or settings.models is None:
        return {}
    return {
        folder: load_to_serve(settings.models / folder, settings, metrics, with_heads=False)
        for folder in experiment.models
    }


def load_catalogue(settings: Settings) -> list[Item]:
    """Read the catalogue that the settings name; empty without one.

    Raises:
        CatalogueError: it is invalid.
    """
    return [] if settings.catalogue is None else read_catalogue(settings.catalogue)


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


async def _hold_items(models: ModelManager, readiness: Readiness, membership: Membership | None) -> None:
    """Embed the catalogue and the stored items; the service is ready afterwards."""
    await _retried("the catalogue", models.pin_catalogue)
    readiness.wait_for("items")
    readiness.settle("catalogue")
    await _retried("the items", models.index_items)
    readiness.settle("items")
    if membership is not None:
        membership.ready()
    _log.info("ready: %d catalogue items are loaded", len(models.catalogue))


async def _retried(what: str, load: Callable[[], Awaitable[None]]) -> None:
    """Load something, and try again while that fails; `load` continues where it stopped."""
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            await load()
        except Exception as error:  # noqa: BLE001 -- whatever it is, what is loaded already is served
            why = error if pause_s == _FIRST_PAUSE_S else None  # the traceback once
            _log.error("%s could not be loaded; next try in %g s", what, pause_s, exc_info=why)
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)
        else:
            return
