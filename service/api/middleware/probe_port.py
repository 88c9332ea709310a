"""A separate port for probes and metrics, which clients need not reach."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.responses.errors import api_error_response
from service.errors import NotFoundError
from service.http.request_state import RequestState

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
_ALSO_ON_MAIN = frozenset({"/livez", "/readyz"})


class ProbePortMiddleware:
    """Serves only probes and metrics on the probe port, and no metrics on the main port."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app, self._port = app, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if its path is served on its port."""
        if scope["type"] == "http" and not self._is_here(scope):
            await api_error_response(NotFoundError(), RequestState.of(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_here(self, scope: Scope) -> bool:
        server = scope.get("server")
        if server is not None and server[1] == self._port:
            return scope["path"] in PROBES
        return scope["path"] not in PROBES or scope["path"] in _ALSO_ON_MAIN
