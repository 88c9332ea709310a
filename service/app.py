"""The app: routes, errors and middleware around the components."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service.catalogue import Item
from service.components import assemble
from service.errors import install_error_handlers
from service.metrics import Metrics
from service.middleware.body_limit import BodyLimitMiddleware
from service.middleware.observation import ObservationMiddleware
from service.middleware.request_id import RequestIdMiddleware
from service.model import Model
from service.routes import items, operations, rank
from service.settings import Settings

_DESCRIPTION = "A device-side recommender behind an HTTP API: it re-ranks candidates with a BERT student of 1.91 MB."


def create_app(
    settings: Settings,
    *,
    metrics: Metrics | None = None,
    model: Model | None = None,
    catalogue: Sequence[Item] | None = None,
) -> FastAPI:
    """The app that those settings describe. It loads nothing until it starts.

    Args:
        settings: what the operator decided.
        metrics: where to count; a registry of its own by default.
        model: used instead of the one that the settings name.
        catalogue: used instead of the one that the settings name.
    """
    metrics = metrics or Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with assemble(settings, metrics, model, catalogue) as components:
            app.state.components = components
            yield

    app = FastAPI(title="Edge Rank", description=_DESCRIPTION, version="1", lifespan=lifespan)
    for router in (rank.router, items.router, operations.router):
        app.include_router(router)
    install_error_handlers(app)
    # The last one added is the outermost: it names a request before anything can go wrong with it.
    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes)
    app.add_middleware(ObservationMiddleware, metrics=metrics)
    app.add_middleware(RequestIdMiddleware)
    return app
