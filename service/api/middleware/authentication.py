"""Who asks: an API key in `Authorization: Bearer KEY` or `X-API-Key: KEY`; how often it may, and what."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import ApiError, ForbiddenError, RateLimitedError, UnauthorizedError, api_error_response
from service.metrics.registry import Metrics
from service.security.api_keys import ApiKeys, Principal
from service.security.rate_limit import RateLimits
from service.security.rights import Right, right_for

OPEN_PATHS = frozenset({"/", "/livez", "/readyz", "/metrics", "/docs", "/openapi.json"})


class AuthenticationMiddleware:
    """Refuses requests without a key, those of a key that makes too many, and those that a key has no right to.

    Notes the `principal` in a request's state.

    Probes, metrics, the documentation and the page at `/` are open: what may reach them is for the network to decide.
    What begins with one of `open_prefixes` is, too.
    """

    def __init__(
        self,
        app: ASGIApp,
        keys: ApiKeys,
        metrics: Metrics,
        open_prefixes: tuple[str, ...] = (),
        limits: RateLimits | None = None,
    ) -> None:
        self._app, self._keys, self._open_prefixes = app, keys, open_prefixes
        self._limits = limits or RateLimits()
        self._unauthorized = metrics.refused.labels("unauthorized")
        self._rate_limited = metrics.refused.labels("rate_limited")
        self._forbidden = metrics.refused.labels("forbidden")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or self._is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            scope["state"]["principal"] = self._admitted(Headers(scope=scope), right_for(scope["path"]))
        except ApiError as error:
            await api_error_response(error, scope["state"]["request_id"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in OPEN_PATHS or path.startswith(self._open_prefixes)

    def _admitted(self, headers: Headers, right: Right) -> Principal:
        principal = self._keys.authenticate(_presented(headers))
        if principal is None:
            self._unauthorized.inc()
            raise UnauthorizedError
        wait_s = self._limits.wait_s(principal)
        if wait_s:
            self._rate_limited.inc()
            raise RateLimitedError(wait_s)
        if right not in principal.key.rights:
            self._forbidden.inc()
            raise ForbiddenError.lacking(right)
        return principal


def _presented(headers: Headers) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
