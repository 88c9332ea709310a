"""The service: one process that serves, or a supervisor of several."""

import multiprocessing
import os
import secrets
import shutil
import socket
import tempfile
from logging.config import dictConfig
from pathlib import Path

from service.api.app import create_app
from service.api.container import load_arms
from service.feature_store.items.catalogue import read_catalogue
from service.feature_store.tiers import check_store
from service.metrics.registry import METRICS_FOLDER, Metrics, count_in_slot
from service.models.model import Model
from service.models.runtime import load_to_serve
from service.process.logs import logging_config
from service.process.signal_handlers import inherited_blocked
from service.process.tracing import span_exporter
from service.recommender.experiment import load_experiment
from service.releases.rollout import rollout_of
from service.security.api_keys import read_keys
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
    """Serve until told to stop; requests that have arrived are answered first.

    The model and the catalogue are read before the port is opened: what is wrong with them is the caller's to tell.

    Returns:
        The exit code: 0, unless workers died again and again, or had to be killed in the end.

    Raises:
        ArtifactError: the model may not be served.
        RankerError: its weights may not.
        HeadError: a head may not, or does not belong to it.
        CatalogueError: the catalogue is not one.
        KeysError: the file of API keys does not hold any.
        ExperimentError: the file of the experiment is not one.
        RolloutError: the file of the roll-out is not one, or names a model that may not be served.
        TracesError: traces are wanted and can't be sent.
        ListenError: the address can't be listened on.
        StoreError: the store of items can't be used.
    """
    if settings.workers > 1:
        return _supervise(settings)
    check_store(settings)
    metrics = Metrics()
    model = load_to_serve(settings.model, settings, metrics)
    catalogue = [] if settings.catalogue is None else read_catalogue(settings.catalogue)
    app = create_app(settings, metrics=metrics, model=model, catalogue=catalogue, arms=_arms(settings, metrics))
    with listen_all(settings) as listeners:
        HttpServer(app, settings).run(sockets=listeners)
    return 0


def serve_slot(
    slot: int, model: Path, folder: Path, settings: Settings, sockets: list[socket.socket], link: Link
) -> None:
    """Serve as one worker of several.

    Args:
        slot: which.
        model: the artifact to begin with.
        folder: what the workers share.
        settings: what the operator decided.
        sockets: where to listen.
        link: the channel to the supervisor.
    """
    dictConfig(logging_config(settings.log_level, as_json=settings.log_format == "json"))
    count_in_slot(slot)
    membership = Membership(slot, folder, link)
    metrics = Metrics(folder)
    app = create_app(
        settings,
        metrics=metrics,
        model=load_to_serve(model, settings, metrics),
        catalogue=[] if settings.catalogue is None else read_catalogue(settings.catalogue),
        membership=membership,
        arms=_arms(settings, metrics),
    )
    server = HttpServer(app, settings, membership.accepting)
    membership.when_lost(lambda: server.end(hurried=True))
    server.run(sockets=sockets)
    if membership.is_orphan:
        shutil.rmtree(folder, ignore_errors=True)  # as the supervisor would have


def _arms(settings: Settings, metrics: Metrics) -> dict[str, Model]:
    """The models that the experiment's arms name, by their folders."""
    if settings.experiment is None:
        return {}
    return load_arms(load_experiment(settings.experiment, settings.models), settings, metrics)


def _supervise(settings: Settings) -> int:
    _try_elsewhere(settings)
    dictConfig(logging_config(settings.log_level, as_json=settings.log_format == "json"))
    with (
        listen_all(settings) as listeners,
        tempfile.TemporaryDirectory(prefix="edge-rank-metrics-") as name,
    ):
        folder = Path(name)
        # prometheus_client decides when it is imported whether it counts for one process or for several: the workers
        # are new processes (https://prometheus.github.io/client_python/multiprocess/).
        os.environ[METRICS_FOLDER] = name
        # They remember by Python's hashes what any of them has shown.
        if os.environ.get(_HASH_SEED, "random") == "random":
            os.environ[_HASH_SEED] = str(secrets.randbelow(2**32))
        take_snapshot(settings.model, folder / _MODELS / "0")
        return Supervisor(settings, folder, folder / _MODELS, listeners).run()


def _try_elsewhere(settings: Settings) -> None:
    """Have what is wrong with the files that settings name told once, by a process that then lets go of them."""
    with inherited_blocked():
        pool = multiprocessing.get_context("spawn").Pool(1)
    with pool:
        pool.apply(_try, (settings,))


def _try(settings: Settings) -> None:
    check_store(settings)
    metrics = Metrics()
    load_to_serve(settings.model, settings, metrics)
    if settings.catalogue is not None:
        read_catalogue(settings.catalogue)
    if settings.api_keys_file is not None:
        read_keys(settings.api_keys_file)
    _arms(settings, metrics)
    rollout_of(settings)
    if settings.traces:
        span_exporter()
