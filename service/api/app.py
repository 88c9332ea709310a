"""The app: routes, error handlers and middleware around the container."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware

from service.api import limits
from service.api.container import assemble
from service.api.middleware.access_log import AccessLog
from service.api.middleware.admission import AdmissionMiddleware
from service.api.middleware.authentication import OPEN_PATHS, AuthenticationMiddleware
from service.api.middleware.body import BodyMiddleware
from service.api.middleware.draining import DrainingMiddleware
from service.api.middleware.observation import ObservationMiddleware
from service.api.middleware.probe_port import ProbePortMiddleware
from service.api.middleware.request_id import RequestIdMiddleware
from service.api.responses.errors import install_error_handlers
from service.api.routes import (
    admin,
    classify,
    documentation,
    embeddings,
    feedback,
    items,
    operations,
    rank,
    releases,
    rerank,
)
from service.api.routes import catalogue as catalogue_route
from service.api.routes.playground import FILES_PATH, playground_router
from service.api.routing.direct_routes import DirectRoutes
from service.api.routing.json_route import json_routes
from service.feature_store.items.item import Item
from service.files.shared import can_share
from service.files.static import read_files
from service.http.bounds import Bounds
from service.http.connections import Connections, Ports
from service.http.uploads import Uploads
from service.metrics.registry import UNMATCHED, Metrics
from service.models.model import Model
from service.models.reload import reload_on_hangup
from service.process.gc_policy import deferred_gc
from service.process.logs import private_failures
from service.process.threads import shorten_switch_interval
from service.process.tracing import exporting_spans, span_exporter
from service.recommender.experiment import Experiment, load_experiment
from service.releases.heads_folder import heads_folder_of
from service.releases.rollout import rollout_of
from service.security.api_keys import ApiKeys
from service.security.rate_limit import RateLimits
from service.security.token_buckets import SharedTokenBuckets
from service.settings import PLAYGROUND, Settings, retired_settings
from service.workers.membership import Membership

_ROUTERS = (
    rank.router,
    feedback.router,
    items.router,
    catalogue_route.router,
    embeddings.router,
    rerank.router,
    classify.router,
    operations.router,
    admin.router,
    releases.router,
)
_log = logging.getLogger(__name__)
_DESCRIPTION = "A device-side recommender behind an HTTP API: it re-ranks candidates with a BERT student of 1.91 MB."
_BEFORE_ROUTING = (400, 401, 403, 404, 405, 408, 413, 415, 429, 499, 503)
"""Statuses that middleware and router answer with themselves."""


def create_app(
    settings: Settings,
    *,
    metrics: Metrics | None = None,
    model: Model | None = None,
    catalogue: Sequence[Item] | None = None,
    membership: Membership | None = None,
    experiment: Experiment | None = None,
    arms: Mapping[str, Model] | None = None,
) -> FastAPI:
    """Create the app. It reads keys, experiment, rollout and released heads now; models and catalogue when it starts.

    Args:
        settings: the operator's settings.
        metrics: a registry of its own by default.
        model: replaces the one that the settings name.
        catalogue: replaces the one that the settings name.
        membership: this worker's link to its service, if that has several workers.
        experiment: replaces the one that the settings name.
        arms: models of the experiment's arms by folder; by default loaded from there.

    Raises:
        UserError: a file of keys, experiment or rollout, or a released head, is invalid, or tracing is enabled and
            can't work.
    """
    metrics = metrics or Metrics()
    if experiment is None and settings.experiment is not None:
        experiment = load_experiment(settings.experiment, settings.models)
    rollout, released_heads = rollout_of(settings), heads_folder_of(settings)
    exporter = span_exporter() if settings.traces else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        shorten_switch_interval()
        with private_failures():
            async with exporting_spans(exporter), _started(app):
                yield {Ports.KEY: _ports(settings, metrics)}

    @asynccontextmanager
    async def _started(app: FastAPI) -> AsyncIterator[None]:
        for name, instead in retired_settings().items():
            _log.warning("%s is set but has no effect any more: %s", name, instead)
        async with assemble(
            settings, metrics, model, catalogue, experiment, rollout, membership, arms, released_heads
        ) as container:
            app.state.container = container
            with reload_on_hangup(container.switch):
                async with deferred_gc(container.models.idle):
                    yield

    routers = [*_ROUTERS, playground_router(read_files(PLAYGROUND))] if settings.serves_playground else _ROUTERS
    app = FastAPI(
        title="Edge Rank",
        description=f"{_DESCRIPTION}\n\n{limits.described(settings)}",
        version="1",
        lifespan=lifespan,
        middleware=_middleware(settings, metrics, routers, membership, lambda: app.state.container.readiness.draining),
        openapi_url=None,  # FastAPI would make the document on the event loop: see `routes/documentation.py`
        telemetry=_telemetry(settings),
    )
    for router in (*routers, documentation.router):
        # As they are: `include_router` makes the models of all routes once more, when the first request comes.
        app.router.routes.extend(router.routes)
    _expect_requests(metrics, routers)
    for arm in experiment.arms if experiment else ():  # its series exists before its first request
        metrics.rankings.labels(arm.ranker, arm.name)
    install_error_handlers(app)
    return app


def _middleware(
    settings: Settings,
    metrics: Metrics,
    routers: Sequence[APIRouter],
    membership: Membership | None,
    draining: Callable[[], bool],
) -> list[Middleware]:
    """All layers around the router, outermost first.

    A request gets its id before anything can go wrong with it, and is measured whatever becomes of it. Cheap refusals
    come before the body is read; admission comes after, since the body's size is what it plans with.
    """
    routes = json_routes(routers)
    access_log = AccessLog(settings.access_log_fraction)
    uploads = Uploads(settings.max_total_body_bytes, settings.body_timeout_s)
    layers = [
        Middleware(RequestIdMiddleware),
        Middleware(ObservationMiddleware, metrics=metrics, access_log=access_log),
    ]
    if settings.probe_port is not None:
        layers.append(Middleware(ProbePortMiddleware, port=settings.probe_port))
    layers.append(Middleware(DrainingMiddleware, draining=draining))
    if settings.api_keys_file is not None:
        layers.append(
            Middleware(
                AuthenticationMiddleware,
                keys=ApiKeys(settings.api_keys_file),
                metrics=metrics,
                open_prefixes=_open_prefixes(settings),
                limits=_rate_limits(membership),
            )
        )
    return [
        *layers,
        Middleware(BodyMiddleware, routes=routes, max_bytes=settings.max_body_bytes, uploads=uploads, metrics=metrics),
        Middleware(
            AdmissionMiddleware, metrics=metrics, deadline_ms=settings.deadline_ms, max_requests=settings.max_requests
        ),
        Middleware(DirectRoutes, routes=routes),
    ]


def _rate_limits(membership: Membership | None) -> RateLimits:
    """Rate limits, shared among workers where there are several."""
    if membership is None or not can_share():
        return RateLimits()
    return RateLimits(SharedTokenBuckets(membership.folder / "buckets"))


def _ports(settings: Settings, metrics: Metrics) -> Ports:
    return Ports(
        Connections(Bounds.of(settings), metrics.connections, metrics.refused),
        Connections(Bounds.of_probes(settings), metrics.connections, metrics.refused),
        settings.probe_port,
    )


def _open_prefixes(settings: Settings) -> tuple[str, ...]:
    """Prefixes of paths that need no key."""
    opened = {releases.PREFIX: settings.public_model, FILES_PATH: settings.serves_playground}
    return tuple(path for path, is_open in opened.items() if is_open)


def _expect_requests(metrics: Metrics, routers: Sequence[APIRouter]) -> None:
    """Create the series of every route before its first request."""
    metrics.expect_route(UNMATCHED, ("GET", "POST", "PUT"), _BEFORE_ROUTING)
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                metrics.expect_route(route.path, route.methods or (), (200, 500, *map(int, route.responses)))


def _telemetry(settings: Settings) -> TelemetryConfig:
    """Spans of requests, if enabled. FastAPI's own logs would repeat what clients sent; the metrics are ours."""
    traced = _traced_requests(_ROUTERS)
    return {
        "tracing": settings.traces,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
        # A span names its path and query. No traced route reads a query, and a client's may be private.
        "exclude": lambda scope: bool(scope.get("query_string")) or (scope.get("method"), scope["path"]) not in traced,
    }


def _traced_requests(routers: Sequence[APIRouter]) -> frozenset[tuple[str, str]]:
    """Methods and paths that are traced: those that do work, at paths without parts chosen by a client.

    Probes and scrapes, several a second, would drown the rest.
    """
    return frozenset(
        (method, route.path)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and "{" not in route.path and route.path not in OPEN_PATHS
        for method in route.methods or ()
    )
