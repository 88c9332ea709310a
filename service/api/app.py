"""The app: routes, errors and middleware around the components."""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig

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
from service.api.routes.direct import DirectRoutes
from service.api.routes.json_route import JsonRoute
from service.api.routes.playground import FILES_PATH, playground_router
from service.errors import install_error_handlers
from service.feature_store.items.item import Item
from service.files.shared import can_share
from service.files.static import read_files
from service.http.bounds import Bounds
from service.http.connections import Connections
from service.http.protocol import MAIN, PROBE_PORT, PROBES
from service.http.uploads import Uploads
from service.metrics.registry import UNMATCHED, Metrics
from service.models.model import Model
from service.process.gc_policy import collected_seldom
from service.process.logs import private_failures
from service.process.threads import switch_soon
from service.process.tracing import span_exporter, spans_sent
from service.recommender.experiment import Experiment, load_experiment
from service.releases.rollout import rollout_of
from service.security.api_keys import ApiKeys
from service.security.buckets import SharedBuckets
from service.security.rate_limit import RateLimits
from service.server.reload import swapped_on_hangup
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
_WHAT = "A device-side recommender behind an HTTP API: it re-ranks candidates with a BERT student of 1.91 MB."
_BEFORE_ROUTING = (
    400,
    401,
    403,
    404,
    405,
    408,
    413,
    415,
    429,
    499,
    503,
)  # what middleware and router answer themselves


def create_app(
    settings: Settings,
    *,
    metrics: Metrics | None = None,
    model: Model | None = None,
    catalogue: Sequence[Item] | None = None,
    membership: Membership | None = None,
    arms: Mapping[str, Model] | None = None,
) -> FastAPI:
    """The app that those settings describe. It loads nothing but keys, the experiment and the roll-out until it starts.

    Args:
        settings: what the operator decided.
        metrics: where to count; a registry of its own by default.
        model: used instead of the one that the settings name.
        catalogue: used instead of the one that the settings name.
        membership: what this process knows of its service, if that has several workers.
        arms: used instead of the models that the experiment's arms name.

    Raises:
        KeysError: the file of API keys does not hold any.
        ExperimentError: the file of the experiment is not one.
        RolloutError: the file of the roll-out is not one, or names a model that may not be served.
        TracesError: traces are wanted and can't be sent.
    """
    metrics = metrics or Metrics()
    experiment = None if settings.experiment is None else load_experiment(settings.experiment, settings.models)
    rollout = rollout_of(settings)
    exporter = span_exporter() if settings.traces else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        switch_soon()
        with private_failures():
            async with spans_sent(exporter), _started(app):
                yield _for_connections(settings, metrics)

    @asynccontextmanager
    async def _started(app: FastAPI) -> AsyncIterator[None]:
        for name, instead in retired_settings().items():
            _log.warning("%s is set and decides nothing any more: %s", name, instead)
        async with assemble(settings, metrics, model, catalogue, experiment, rollout, membership, arms) as components:
            app.state.components = components
            with swapped_on_hangup(components.switch):
                async with collected_seldom(components.models.idle):
                    yield

    app = FastAPI(
        title="Edge Rank",
        description=f"{_WHAT}\n\n{limits.described(settings)}",
        version="1",
        lifespan=lifespan,
        openapi_url=None,  # FastAPI would make the document on the event loop: see `routes/documentation.py`
        telemetry=_telemetry(settings),
    )
    routers = [*_ROUTERS, playground_router(read_files(PLAYGROUND))] if settings.serves_playground else _ROUTERS
    for router in routers:
        app.include_router(router)
    _expect_requests(metrics, routers)
    _expect_variants(metrics, experiment)
    app.include_router(documentation.router)
    install_error_handlers(app)
    # The last one added is the outermost: it names a request before anything can go wrong with it.
    app.add_middleware(DirectRoutes, routes=[route for router in routers for route in router.routes])
    app.add_middleware(
        AdmissionMiddleware,
        metrics=metrics,
        deadline_ms=settings.deadline_ms,
        most_requests=settings.max_requests,
    )
    app.add_middleware(
        BodyMiddleware,
        routes=_with_bodies(routers),
        max_bytes=settings.max_body_bytes,
        uploads=Uploads(settings.bodies_max_bytes, settings.body_timeout_s),
        metrics=metrics,
    )
    if settings.api_keys_file is not None:
        app.add_middleware(
            AuthenticationMiddleware,
            keys=ApiKeys(settings.api_keys_file),
            metrics=metrics,
            open_prefixes=_open_prefixes(settings),
            limits=_rate_limits(membership),
        )
    app.add_middleware(DrainingMiddleware, draining=lambda: app.state.components.readiness.draining)
    if settings.probe_port is not None:
        app.add_middleware(ProbePortMiddleware, port=settings.probe_port)
    app.add_middleware(ObservationMiddleware, metrics=metrics, access_log=AccessLog(settings.access_log_share))
    app.add_middleware(RequestIdMiddleware)
    return app


def _rate_limits(membership: Membership | None) -> RateLimits:
    """Of all workers together, where there are several."""
    if membership is None or not can_share():
        return RateLimits()
    return RateLimits(SharedBuckets(membership.folder / "buckets"))


def _with_bodies(routers: Sequence[APIRouter]) -> frozenset[tuple[str, str]]:
    """Methods and paths of the routes that read a body."""
    routes = [route for router in routers for route in router.routes if isinstance(route, JsonRoute)]
    return frozenset((method, route.path) for route in routes for method in route.methods or ())


def _for_connections(settings: Settings, metrics: Metrics) -> dict[str, Any]:
    """What the protocol is told by the lifespan of the app that it serves."""
    return {
        MAIN: Connections(Bounds.of(settings), metrics.connections, metrics.refused),
        PROBES: Connections(Bounds.of_probes(settings), metrics.connections, metrics.refused),
        PROBE_PORT: settings.probe_port,
    }


def _open_prefixes(settings: Settings) -> tuple[str, ...]:
    """Below which paths nobody needs a key."""
    opened = {releases.PREFIX: settings.public_model, FILES_PATH: settings.serves_playground}
    return tuple(path for path, is_open in opened.items() if is_open)


def _expect_requests(metrics: Metrics, routers: Sequence[APIRouter]) -> None:
    """Let the series of every route exist before its first request."""
    metrics.expect_route(UNMATCHED, ("GET", "POST", "PUT"), _BEFORE_ROUTING)
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                metrics.expect_route(route.path, route.methods or (), (200, 500, *map(int, route.responses)))


def _expect_variants(metrics: Metrics, experiment: Experiment | None) -> None:
    """Let the series of every arm exist before its first request."""
    for arm in experiment.arms if experiment else ():
        metrics.expect_variant(arm.ranker, arm.name)


def _telemetry(settings: Settings) -> TelemetryConfig:
    """Spans of requests, where they are wanted. FastAPI's logs would repeat what clients sent; the metrics are ours."""
    traced = _traced_requests(_ROUTERS)
    return {
        "tracing": settings.traces,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
        # A span names its path and query. No route reads a query; what a client puts there is not for traces.
        "exclude": lambda scope: bool(scope.get("query_string")) or (scope.get("method"), scope["path"]) not in traced,
    }


def _traced_requests(routers: Sequence[APIRouter]) -> frozenset[tuple[str, str]]:
    """Method and path of what becomes a trace: of what does work, at a path that no client has a part in.

    Probes and scrapes, several a second, would drown the rest.
    """
    return frozenset(
        (method, route.path)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and "{" not in route.path and route.path not in OPEN_PATHS
        for method in route.methods or ()
    )
