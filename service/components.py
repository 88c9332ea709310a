"""What the service is made of, put together from settings and taken apart again at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.catalogue import Item, read_catalogue
from service.encoder.instrumented import count_runs
from service.host import ModelHost
from service.impressions.recorder import Recorder
from service.metrics import Metrics
from service.model import Model, load_model
from service.ranking.experiment import Experiment
from service.readiness import Readiness
from service.settings import Settings
from service.updates.releases import Releases
from service.updates.rollout import RolloutFile

if TYPE_CHECKING:
    from service.features.redis_client import Client

_log = logging.getLogger(__name__)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0


@dataclass(frozen=True)
class Components:
    """The parts that routes work with."""

    settings: Settings
    metrics: Metrics
    host: ModelHost
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
) -> AsyncIterator[Components]:
    """Put the service together; the catalogue's items are embedded in the background while it already answers.

    Args:
        settings: what the operator decided.
        metrics: the app's metrics.
        model: used instead of the one that the settings name.
        catalogue: used instead of the one that the settings name.
        experiment: the one that runs, if any does.
        rollout: what is released beside the model that serves.

    Raises:
        ArtifactError: the model may not be served.
        RankerError: its weights may not.
        HeadError: a head may not, or does not belong to it.
        CatalogueError: the catalogue is not one.
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
    async with _connected(settings) as redis, _recording(settings, metrics) as recorder:
        host = ModelHost(model, settings, metrics, redis, catalogue)
        releases = Releases(rollout, model.bundle, metrics)
        readiness = Readiness(metrics)
        readiness.wait_for("catalogue")
        loading = asyncio.create_task(_load_catalogue(host, readiness))
        yield Components(
            settings=settings,
            metrics=metrics,
            host=host,
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
async def _connected(settings: Settings) -> AsyncIterator["Client | None"]:
    if settings.redis_url is None:
        yield None
        return
    # The client takes a twentieth of the memory and a twelfth of the start: who has no Redis does not pay for it.
    from service.features.redis_client import connect  # noqa: PLC0415

    timeout_s = settings.redis_timeout_ms / 1000
    client = connect(
        settings.redis_url.get_secret_value(),
        timeout_s=timeout_s,
        connections=settings.redis_connections,
        cluster=settings.redis_cluster,
    )
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def _recording(settings: Settings, metrics: Metrics) -> AsyncIterator[Recorder]:
    recorder = Recorder.of(settings, metrics)
    try:
        yield recorder
    finally:
        await asyncio.to_thread(recorder.close)


async def _load_catalogue(host: ModelHost, readiness: Readiness) -> None:
    """Hold the catalogue, and be ready; what fails may go well later, and goes on where it ended."""
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            await host.hold_catalogue()
        except Exception as error:  # noqa: BLE001 -- whatever it is, what is held already is served
            why = error if pause_s == _FIRST_PAUSE_S else None  # once at length
            _log.error("the catalogue could not be loaded; the next try is in %g s", pause_s, exc_info=why)
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)
        else:
            break
    readiness.settle("catalogue")
    _log.info("ready: %d catalogue items are held", len(host.catalogue))
