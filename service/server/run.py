"""The entry point: one serving process, or a supervisor of several."""

import os
import secrets
import tempfile
from logging.config import dictConfig
from multiprocessing.connection import Connection
from pathlib import Path

from service.metrics.worker_roster import METRICS_FOLDER
from service.process.logs import logging_config
from service.process.signal_handlers import exit_on_signals, signals_blocked
from service.server.process_context import process_context
from service.server.sockets import listen_all
from service.server.supervisor import Supervisor
from service.settings import Settings
from service.user_error import UserError
from service.workers.snapshot import take_snapshot

_MODELS, _CHECK = "models", "check"
_HASH_SEED = "PYTHONHASHSEED"


def run(settings: Settings) -> int:
    """Serve until the process is told to stop; requests that have arrived are answered first.

    All files are read before the port is opened, so that errors in them reach the caller. Returns the exit code: 0,
    unless workers kept dying, or had to be killed in the end.

    Raises:
        UserError: a file, a folder or an address that the settings name can't be used.
    """
    if settings.workers > 1:
        return _supervise(settings)
    from service.server.serving import serve_alone  # noqa: PLC0415 -- takes half a second, and a supervisor needs none

    return serve_alone(settings)


def _supervise(settings: Settings) -> int:
    with tempfile.TemporaryDirectory(prefix="edge-rank-metrics-") as name:
        folder = Path(name)
        # prometheus_client decides at import whether it counts for one process or for several
        # (https://prometheus.github.io/client_python/multiprocess/).
        os.environ[METRICS_FOLDER] = name
        # Workers share what each has shown by Python's hashes, which must be the same in all.
        if os.environ.get(_HASH_SEED, "random") == "random":
            os.environ[_HASH_SEED] = str(secrets.randbelow(2**32))
        _check_in_subprocess(settings, folder / _CHECK)
        dictConfig(logging_config(settings.log_level, as_json=settings.log_format == "json"))
        with listen_all(settings) as listeners:
            take_snapshot(settings.model, folder / _MODELS / "0")
            return Supervisor(settings, folder, folder / _MODELS, listeners).run()


def _check_in_subprocess(settings: Settings, metrics: Path) -> None:
    """Raise the errors in what the settings name, in a process that goes; no scrape reads its folder `metrics`."""
    metrics.mkdir()
    context = process_context()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_check, args=(settings, metrics, theirs))
    try:
        with signals_blocked():
            process.start()
        theirs.close()
        error: UserError | None = ours.recv()
    except EOFError:
        process.join()
        raise ChildProcessError(f"the check of the files ended with exit code {process.exitcode}") from None
    finally:
        if process.pid is not None:  # it was started
            process.kill()
            process.join()
    if error is not None:
        raise error


def _check(settings: Settings, metrics: Path, outcome: Connection) -> None:
    exit_on_signals()
    os.environ[METRICS_FOLDER] = str(metrics)
    from service.server.serving import checked_app  # noqa: PLC0415 -- the supervisor, which imports this module, needs none

    try:
        checked_app(settings)
    except UserError as error:
        outcome.send(error)
    else:
        outcome.send(None)
