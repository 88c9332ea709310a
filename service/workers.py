"""Several serving processes on one port, and their metrics as one.

prometheus_client decides when it is imported whether it counts for one process or for several: the workers are new
processes, started with `PROMETHEUS_MULTIPROC_DIR` set (https://prometheus.github.io/client_python/multiprocess/).
"""

import os
import socket
import tempfile

import uvicorn
from pydantic import SecretStr
from uvicorn.supervisors import Multiprocess

from service.metrics import METRICS_FOLDER
from service.settings import Settings


def supervise(config: uvicorn.Config, settings: Settings, listeners: list[socket.socket]) -> None:
    """Run `settings.workers` processes until told to stop; one that dies is replaced.

    Args:
        config: names the app by an import string, for the workers to import.
        settings: handed to the workers through the environment.
        listeners: where they listen.
    """
    os.environ.update(as_environment(settings))
    with tempfile.TemporaryDirectory(prefix="edge-rank-metrics-") as folder:
        os.environ[METRICS_FOLDER] = folder
        Multiprocess(config, sockets=listeners).run()


def as_environment(settings: Settings) -> dict[str, str]:
    """What was decided, as environment variables that decide the same."""
    return {
        f"EDGE_RANK_{name.upper()}": _as_text(getattr(settings, name))
        for name in settings.model_fields_set
        if getattr(settings, name) is not None
    }


def _as_text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
