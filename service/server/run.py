"""The entry point: one serving process, or a supervisor of several."""

import multiprocessing
import os
import secrets
import shutil
import socket
import tempfile
from logging.config import dictConfig
from pathlib import Path

from fastapi import FastAPI

from service.api.app import create_app
from service.api.container import load_arms, load_catalogue
from service.feature_store.tiers import check_store
from service.metrics.registry import METRICS_FOLDER, Metrics, count_in_slot
from service.models.runtime import load_to_serve
from service.process.logs import logging_config
from service.process.signal_handlers import signals_blocked
from service.recommender.experiment import load_experiment
from service.server.http_server import HttpServer
from service.server.sockets import listen_all
from service.server.supervisor import Supervisor
from service.settings import Settings
from service.workers.link import Link
from service.workers.membership import Membership
from service.workers.snapshot import take_snapshot

_MODELS = "models"
_HASH_SEED = "PYTHONHASHSEED"


def run(settings: Settings) -> int:
    """Serve until the process is told to stop; requests that have arrived are answered first.

    All files are read before the port is opened, so that errors in them reach the caller.

    Returns:
        The exit code: 0, unless workers kept dying, or had to be killed in the end.

    Raises:
        ArtifactError: the model can't be served.
        RankerError: its ranker weights can't be used.
        HeadError: a head can't be used, or does not belong to the model.
        CatalogueError: the catalogue is invalid.
        KeysError: the file of API keys is invalid.
        ExperimentError: the file of the experiment is invalid.
        RolloutError: the file of the rollout is invalid, or names a model that can't be served.
        TracesError: tracing is enabled and can't work.
        ListenError: the address can't be listened on.
        StoreError: the item store can't be used.
    """
    if settings.workers > 1:
        return _supervise(settings)
    check_store(settings)
    app = _loaded_app(settings, settings.model, Metrics())
    with listen_all(settings) as listeners:
        HttpServer(app, settings).run(sockets=listeners)
    return 0


def serve_slot(
    slot: int, model: Path, folder: Path, settings: Settings, sockets: list[socket.socket], link: Link
) -> None:
    """Serve as one worker of several.

    Args:
        slot: the worker's number.
        model: the artifact to start with.
        folder: shared by all workers.
        settings: the operator's settings.
        sockets: where to listen.
        link: the channel to the supervisor.
    """
    dictConfig(logging_config(settings.log_level, as_json=settings.log_format == "json"))
    count_in_slot(slot)
    membership = Membership(slot, folder, link)
    app = _loaded_app(settings, model, Metrics(folder), membership)
    server = HttpServer(app, settings, membership.accepting)
    membership.when_lost(lambda: server.end(immediately=True))
    server.run(sockets=sockets)
    if membership.is_orphan:
        shutil.rmtree(folder, ignore_errors=True)  # as the supervisor would have done


def _loaded_app(settings: Settings, model: Path, metrics: Metrics, membership: Membership | None = None) -> FastAPI:
    """The app, with all files read that the settings name."""
    experiment = None if settings.experiment is None else load_experiment(settings.experiment, settings.models)
    return create_app(
        settings,
        metrics=metrics,
        model=load_to_serve(model, settings, metrics),
        catalogue=load_catalogue(settings),
        membership=membership,
        experiment=experiment,
        arms=load_arms(experiment, settings, metrics),
    )


def _supervise(settings: Settings) -> int:
    _check_in_subprocess(settings)
    dictConfig(logging_config(settings.log_level, as_json=settings.log_format == "json"))
    with (
        listen_all(settings) as listeners,
        tempfile.TemporaryDirectory(prefix="edge-rank-metrics-") as name,
    ):
        folder = Path(name)
        # prometheus_client decides at import whether it counts for one process or for several; workers are new
        # processes (https://prometheus.github.io/client_python/multiprocess/).
        os.environ[METRICS_FOLDER] = name
        # Workers share what each has shown by Python's hashes, which must be the same in all.
        if os.environ.get(_HASH_SEED, "random") == "random":
            os.environ[_HASH_SEED] = str(secrets.randbelow(2**32))
        take_snapshot(settings.model, folder / _MODELS / "0")
        return Supervisor(settings, folder, folder / _MODELS, listeners).run()


def _check_in_subprocess(settings: Settings) -> None:
    """Raise the errors in files that the settings name, once; the supervisor does not keep what the check loads."""
    with signals_blocked():
        pool = multiprocessing.get_context("spawn").Pool(1)
    with pool:
        pool.apply(_check, (settings,))


def _check(settings: Settings) -> None:
    check_store(settings)
    _loaded_app(settings, settings.model, Metrics())
