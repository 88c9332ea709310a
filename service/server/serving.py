"""A serving process: the app with its files loaded, served alone or as one worker of several."""

import shutil
import socket
from logging.config import dictConfig
from pathlib import Path

from fastapi import FastAPI

from service.api.app import create_app
from service.api.container import load_arms, load_catalogue
from service.feature_store.tiers import check_store
from service.metrics.registry import Metrics, count_in_slot
from service.models.runtime import load_to_serve
from service.process.logs import logging_config
from service.recommender.experiment import load_experiment
from service.server.http_server import HttpServer
from service.server.sockets import listen_all
from service.settings import Settings
from service.workers.link import Link
from service.workers.membership import Membership


def serve_alone(settings: Settings) -> int:
    """Serve as the only process; returns the exit code 0."""
    app = checked_app(settings)
    with listen_all(settings) as listeners:
        HttpServer(app, settings).run(sockets=listeners)
    return 0


def checked_app(settings: Settings) -> FastAPI:
    """The app of a process that shares nothing with others; raises all errors in what the settings name."""
    check_store(settings)
    return loaded_app(settings, settings.model, Metrics())


def serve_slot(
    slot: int, model: Path, folder: Path, settings: Settings, sockets: list[socket.socket], link: Link
) -> None:
    """Serve as one worker of several, which share the folder; `model` is the artifact to start with."""
    dictConfig(logging_config(settings.log_level, as_json=settings.log_format == "json"))
    count_in_slot(slot)
    membership = Membership(slot, folder, link)
    app = loaded_app(settings, model, Metrics(folder), membership)
    server = HttpServer(app, settings, membership.accepting)
    membership.when_lost(lambda: server.end(immediately=True))
    server.run(sockets=sockets)
    if membership.is_orphan:
        shutil.rmtree(folder, ignore_errors=True)  # as the supervisor would have done


def loaded_app(settings: Settings, model: Path, metrics: Metrics, membership: Membership | None = None) -> FastAPI:
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
