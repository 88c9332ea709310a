"""A serving process."""

import multiprocessing

import uvicorn
from fastapi import FastAPI

from service.app import create_app
from service.catalogue import read_catalogue
from service.encoder.instrumented import count_runs
from service.listening import listen
from service.logs import logging_config
from service.metrics import Metrics, forget_dead_workers
from service.model import load_model
from service.ranking.experiment import load_experiment
from service.security.api_keys import read_keys
from service.settings import Settings, load_settings
from service.traces import span_exporter
from service.updates.rollout import rollout_of
from service.workers import supervise

_FINISH_S = 10
_WORKER_SILENCE_S = 30  # on a machine that is short of cores a worker starts slowly, and must not be killed for it


def run(settings: Settings) -> None:
    """Serve until told to stop; requests that have arrived are answered first.

    The model and the catalogue are read before the port is opened: what is wrong with them is the caller's to tell.

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
    """
    if settings.workers > 1:
        _run_workers(settings)
        return
    metrics = Metrics()
    model = load_model(
        settings.model,
        run_tokens=settings.run_tokens,
        on_run=count_runs(metrics),
        heads=settings.heads,
        most_windows=settings.most_windows,
    )
    catalogue = [] if settings.catalogue is None else read_catalogue(settings.catalogue)
    app = create_app(settings, metrics=metrics, model=model, catalogue=catalogue)
    with listen(settings.host, settings.port) as listener:
        uvicorn.Server(_configured(app, settings)).run(sockets=[listener])


def worker_app() -> FastAPI:
    """The app of one worker of several, as the environment describes it."""
    forget_dead_workers()
    return create_app(load_settings())


def _run_workers(settings: Settings) -> None:
    # What is wrong with the files that settings name is told once, by a process that then lets go of them.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(_try, (settings,))
    with listen(settings.host, settings.port) as listener:
        supervise(_configured("service.server:worker_app", settings), settings, listener)


def _try(settings: Settings) -> None:
    load_model(settings.model, run_tokens=settings.run_tokens, on_run=lambda _: None, heads=settings.heads)
    if settings.catalogue is not None:
        read_catalogue(settings.catalogue)
    if settings.api_keys_file is not None:
        read_keys(settings.api_keys_file)
    if settings.experiment is not None:
        load_experiment(settings.experiment)
    rollout_of(settings)
    if settings.traces:
        span_exporter()


def _configured(app: FastAPI | str, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=settings.workers,
        access_log=False,
        server_header=False,
        log_config=logging_config(settings.log_level, as_json=settings.log_format == "json"),
        timeout_graceful_shutdown=_FINISH_S,
        timeout_worker_healthcheck=_WORKER_SILENCE_S,
    )
