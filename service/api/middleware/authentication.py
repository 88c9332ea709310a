"""Authentication by API key, in `Authorization: Bearer KEY` or `X-API-Key: KEY`; with rate limits and rights."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.responses.errors import api_error_response
from service.errors import ApiError, ForbiddenError, RateLimitedError, UnauthorizedError
from service.http.request_state import RequestState
from service.metrics.registry import Metrics
from service.security.api_keys import ApiKeys, Principal
from service.security.rate_limit import RateLimits
from service.security.rights import Right, right_for

OPEN_PATHS = frozenset({"/", "/livez", "/readyz", "/metrics", "/docs", "/openapi.json"})


class AuthenticationMiddleware:
    """Refuses requests without a valid key, over a key's rate limit, or beyond a key's rights.

    Sets `principal` in the request's state. Probes, metrics, the documentation and the page at `/` are open: access to
    them is up to the network. So are paths that begin with one of `open_prefixes`.
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
        """Pass a request on if its key permits it."""
        if scope["type"] != "http" or self._is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        state = RequestState.of(scope)
        try:
            state.principal = self._authenticated(Headers(scope=scope), right_for(scope["path"]))
        except ApiError as error:
            await api_error_response(error, state)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in OPEN_PATHS or path.startswith(self._open_prefixes)

    def _authenticated(self, headers: Headers, right: Right) -> Principal:
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
            raise ForbiddenError(f'this API key lacks the right "{right}", which the file of keys can grant')
        return principal


def _presented(headers: Headers) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
