"""Metrics and the access log: route, status and time of every request."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.middleware.access_log import AccessLog
from service.api.middleware.authentication import OPEN_PATHS
from service.http.request_state import RequestState
from service.metrics.registry import UNMATCHED, Metrics

_DISCONNECTED = 499  # nginx's status for a client that disconnected before its answer
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class ObservationMiddleware:
    """Counts and times requests, from `arrived_s` until the answer is ready to be sent.

    So clients that send or read slowly do not make the service look slow. `arrived_s` is when the head was there, until
    the layer that reads the body moves it.

    All requests but probes, scrapes and pages can have a line in the log.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, access_log: AccessLog) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and measure its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = RequestState.of(scope)
        state.arrived_s = time.perf_counter()
        status, taken_s = _DISCONNECTED, 0.0

        async def send_observed(message: Message) -> None:
            nonlocal status, taken_s
            if message["type"] == "http.response.start":
                status, taken_s = message["status"], time.perf_counter() - state.arrived_s
            await send(message)

        with self._metrics.requests_in_flight.track_inprogress():
            try:
                await self._app(scope, receive, send_observed)
            except Exception:
                # The outermost handler answers with 500 if an exception leaves this layer before anything was sent.
                status = 500 if status == _DISCONNECTED else status
                raise
            finally:
                taken_s = taken_s or time.perf_counter() - state.arrived_s  # if nothing was sent
                route = _route_template(scope)
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._metrics.requests.labels(route, method, str(status)).inc()
                if status != _DISCONNECTED:
                    self._metrics.request_seconds.labels(route).observe(taken_s)
                if scope["path"] not in OPEN_PATHS:
                    self._access_log.log(state, route=route, method=method, status=status, seconds=taken_s)


def _route_template(scope: Scope) -> str:
    """The template that the router matched; with raw paths, clients could create any number of labels."""
    return getattr(scope.get("route"), "path", UNMATCHED)
