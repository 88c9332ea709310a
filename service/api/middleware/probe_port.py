"""A port for the machines that operate the service: whoever may reach it asks for nothing else, and clients don't."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import NotFoundError, api_error_response

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
_ALSO_ON_MAIN = frozenset({"/livez", "/readyz"})


class ProbePortMiddleware:
    """On the port of probes there are probes and metrics alone; on the other port no metrics."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app, self._port = app, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and not self._is_here(scope):
            await api_error_response(NotFoundError(), scope["state"]["request_id"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_here(self, scope: Scope) -> bool:
        """Whether a path is served on the port that the request came to."""
        server = scope.get("server")
        if server is not None and server[1] == self._port:
            return scope["path"] in PROBES
        return scope["path"] not in PROBES or scope["path"] in _ALSO_ON_MAIN
