"""What is measured of every request: its route, status and time."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import UNMATCHED, Metrics
from service.middleware.access_log import AccessLog
from service.middleware.authentication import OPEN_PATHS

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class ObservationMiddleware:
    """Counts and times requests, and notes in their state when they `arrived` (`time.perf_counter` seconds).

    All but probes, scrapes and pages may have a line in the log.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, access_log: AccessLog) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        arrived = time.perf_counter()
        scope.setdefault("state", {})["arrived"] = arrived
        status = 500  # what the outermost handler answers with when nothing was sent before an exception left here

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._metrics.requests_in_flight.track_inprogress():
            try:
                await self._app(scope, receive, send_observed)
            finally:
                route, seconds = _route_template(scope), time.perf_counter() - arrived
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._metrics.requests.labels(route, method, str(status)).inc()
                self._metrics.request_seconds.labels(route).observe(seconds)
                if scope["path"] not in OPEN_PATHS:
                    self._access_log.tell(scope, route=route, method=method, status=status, seconds=seconds)


def _route_template(scope: Scope) -> str:
    """The template that the router matched; a raw path would let any client add a label."""
    return getattr(scope.get("route"), "path", UNMATCHED)
