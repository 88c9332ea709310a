"""How many requests are answered at the same time: what comes on top is refused before its body is read."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import OverloadedError, api_error_response
from service.metrics import Metrics

_WORK = frozenset({"POST", "PUT"})
_RETRY_AFTER_S = 1.0


class AdmissionMiddleware:
    """Bounds the requests in work, so that the admitted ones keep their latency. Probes and metrics always pass."""

    def __init__(self, app: ASGIApp, most: int, metrics: Metrics) -> None:
        self._app, self._most = app, most
        self._in_work = 0
        self._refused = metrics.refused.labels("overloaded")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] not in _WORK:
            await self._app(scope, receive, send)
            return
        if self._in_work >= self._most:
            self._refused.inc()
            error = OverloadedError("too many requests at once; try again later", retry_after_s=_RETRY_AFTER_S)
            await api_error_response(error, scope["state"]["request_id"])(scope, receive, send)
            return
        self._in_work += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_work -= 1
