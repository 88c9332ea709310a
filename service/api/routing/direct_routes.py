"""The way of the routes that do the work, past the router.

FastAPI looks for a route by walking through all of them, three levels deep, and wraps what it finds in exit stacks and
handlers of exceptions, which the routes that read JSON have no use for. Of what it takes to refuse a request behind the
parser, that was about a fifth.
"""

from collections.abc import Iterable

from fastapi import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.routing.json_route import JsonRoute
from service.errors import ApiError, api_error_response

_TRACED = "fastapi.telemetry"  # in the scope of a request of which FastAPI makes a span: its router names the span


class DirectRoutes:
    """Answers `JsonRoute`s at once, by method and path; what else is asked goes on to the app."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        """Put it before an app.

        Args:
            app: answers everything else; all routes are its own, too.
            routes: those of which the paths have no parameters are answered here.
        """
        self._app = app
        self._routes = {
            (method, route.path): route
            for route in routes
            if isinstance(route, JsonRoute) and "{" not in route.path
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None or scope.get(_TRACED) is not None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        try:
            response = await route.answer(Request(scope, receive))
        except ApiError as error:
            response = api_error_response(error, scope["state"]["request_id"])
        await response(scope, receive, send)
