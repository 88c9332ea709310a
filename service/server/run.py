"""The entry point: one serving process, or a supervisor of several."""

import multiprocessing
import os
import secrets
import tempfile
from logging.config import dictConfig
from pathlib import Path

from service.feature_store.tiers import check_store
from service.metrics.registry import METRICS_FOLDER, Metrics
from service.process.logs import logging_config
from service.process.signal_handlers import signals_blocked
from service.server.http_server import HttpServer
from service.server.serving import loaded_app
from service.server.sockets import listen_all
from service.server.supervisor import Supervisor
from service.settings import Settings
from service.workers.snapshot import take_snapshot

_MODELS = "models"
_HASH_SEED = "PYTHONHASHSEED"


def run(settings: Settings) -> int:
    """Serve until the process is told to stop; requests that have arrived are answered first.

    All files are read before the port is opened, so that errors in them reach the caller.

    Returns:
        The exit code: 0, unless workers kept dying, or had to be killed in the end.

    Raises:
        UserError: a file, a folder or an address that the settings name can't be used.
    """
    if settings.workers > 1:
        return _supervise(settings)
    check_store(settings)
    app = loaded_app(settings, settings.model, Metrics())
    with listen_all(settings) as listeners:
        HttpServer(app, settings).run(sockets=listeners)
    return 0


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
    loaded_app(settings, settings.model, Metrics())
