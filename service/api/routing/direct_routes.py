"""A shortcut past the router for the routes that do the work.

FastAPI searches all routes, three levels deep, and wraps the one it finds in exit stacks and exception handlers, which
JSON routes do not need. That was about a fifth of the cost of refusing a request after it is parsed.
"""

from collections.abc import Mapping

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.responses.errors import api_error_response
from service.api.routing.json_route import JsonRoute
from service.errors import ApiError
from service.http.request_state import RequestState

_TRACED = "fastapi.telemetry"  # in the scope of a request for which FastAPI makes a span, which its router names


class DirectRoutes:
    """Answers JSON routes, by method and path, at once; all other requests go on to the app, and traced ones too."""

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], JsonRoute]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None or scope.get(_TRACED) is not None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        try:
            response = await route.answer(Request(scope, receive))
        except ApiError as error:
            response = api_error_response(error, RequestState.of(scope))
        await response(scope, receive, send)
