"""What the service is made of, put together from settings and taken apart again at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from service.catalogue import Item, read_catalogue
from service.encoder.instrumented import count_runs
from service.features.tiers import opened_tiers
from service.host import ModelHost
from service.impressions.recorder import Recorder
from service.impressions.shared_memory import SharedImpressions
from service.metrics import Metrics
from service.model import Model, load_model
from service.ranking.experiment import Experiment
from service.readiness import Readiness
from service.reading.bounds import JsonBounds
from service.scrapes import Scrapes
from service.settings import Settings
from service.switch import OwnSwitch, Switch
from service.updates.releases import Releases
from service.updates.rollout import RolloutFile
from service.workers.membership import WAITING_FOR, Membership
from service.workers.shared_file import can_share

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Components:
    """The parts that routes work with."""

    settings: Settings
    json_bounds: JsonBounds
    metrics: Metrics
    scrapes: Scrapes
    host: ModelHost
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

    Raises:
        ArtifactError: the model may not be served.
        RankerError: its weights may not.
        HeadError: a head may not, or does not belong to it.
        CatalogueError: the catalogue is not one.
        StoreError: the store of items can't be used.
    """
    if model is None:
        model = load_model(
            settings.model,
            run_tokens=settings.run_tokens,
            on_run=count_runs(metrics),
            heads=settings.heads,
            most_windows=settings.most_windows,
        )
    if catalogue is None:
        catalogue = [] if settings.catalogue is None else read_catalogue(settings.catalogue)
    async with opened_tiers(settings, metrics) as tiers, _recording(settings, metrics, membership) as recorder:
        host = ModelHost(model, settings, metrics, tiers, catalogue)
        releases = Releases(rollout, model.bundle, metrics)
        readiness = Readiness(metrics)
        readiness.wait_for("catalogue")
        async with _switching(host, settings, readiness, membership) as switch:
            loading = asyncio.create_task(_load_catalogue(host, readiness, membership))
            loading.add_done_callback(_report_failure)
            yield Components(
                settings=settings,
                json_bounds=JsonBounds.of(settings),
                metrics=metrics,
                scrapes=Scrapes(metrics.exposition),
                host=host,
                switch=switch,
                readiness=readiness,
                recorder=recorder,
                experiment=experiment,
                releases=releases,
            )
            loading.cancel()
            await asyncio.wait([loading])
        await releases.close()
        await host.close()


@asynccontextmanager
async def _switching(
    host: ModelHost, settings: Settings, readiness: Readiness, membership: Membership | None
) -> AsyncIterator[Switch]:
    if membership is not None:
        readiness.wait_for(WAITING_FOR)
        async with membership.joined(host, readiness):
            yield membership
        return
    switch = OwnSwitch(host, settings.model)
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


async def _load_catalogue(host: ModelHost, readiness: Readiness, membership: Membership | None) -> None:
    await host.hold_catalogue()
    readiness.wait_for("items")
    readiness.settle("catalogue")
    await host.hold_items()
    readiness.settle("items")
    if membership is not None:
        membership.ready()
    _log.info("ready: %d catalogue items are held", len(host.catalogue))


def _report_failure(loading: asyncio.Task[None]) -> None:
    """The service stays not ready, and answers from what it holds; why, is for the log."""
    if not loading.cancelled() and (error := loading.exception()) is not None:
        _log.error("the catalogue failed to load", exc_info=error)
