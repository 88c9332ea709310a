"""What is measured of every request: its route, status and time."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.middleware.access_log import AccessLog
from service.api.middleware.authentication import OPEN_PATHS
from service.metrics.registry import UNMATCHED, Metrics

_LEFT = 499  # the client has closed the connection before there was an answer, as nginx has it
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class ObservationMiddleware:
    """Counts and times requests: from when they have `arrived` until their answer is there, before it is sent.

    So neither who sends slowly nor who reads slowly makes the service look slow. `arrived`, in a request's state, is in
    `time.perf_counter` seconds: that of its head, until the layer that reads its body says otherwise.

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
        state = scope.setdefault("state", {})
        state["arrived"] = time.perf_counter()
        status, taken_s = _LEFT, 0.0

        async def send_observed(message: Message) -> None:
            nonlocal status, taken_s
            if message["type"] == "http.response.start":
                status, taken_s = message["status"], time.perf_counter() - state["arrived"]
            await send(message)

        with self._metrics.requests_in_flight.track_inprogress():
            try:
                await self._app(scope, receive, send_observed)
            except Exception:
                # What the outermost handler answers with when nothing was sent before an exception left here.
                status = 500 if status == _LEFT else status
                raise
            finally:
                taken_s = taken_s or time.perf_counter() - state["arrived"]  # nothing was sent
                route = _route_template(scope)
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._metrics.requests.labels(route, method, str(status)).inc()
                if status != _LEFT:
                    self._metrics.request_seconds.labels(route).observe(taken_s)
                if scope["path"] not in OPEN_PATHS:
                    self._access_log.tell(scope, route=route, method=method, status=status, seconds=taken_s)


def _route_template(scope: Scope) -> str:
    """The template that the router matched; a raw path would let any client add a label."""
    return getattr(scope.get("route"), "path", UNMATCHED)
