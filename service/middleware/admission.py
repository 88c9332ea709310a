"""How many requests are answered at the same time: what comes on top is refused before its body is read."""

import time

from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import OverloadedError, api_error_response
from service.metrics import Metrics
from service.middleware.limit import LearnedLimit
from service.middleware.turns import Turns

_WORK = frozenset({"POST", "PUT"})


class AdmissionMiddleware:
    """Bounds the requests in work, so that the admitted ones keep their latency. Probes and metrics always pass."""

    def __init__(self, app: ASGIApp, most: int, goal_s: float, metrics: Metrics) -> None:
        self._app = app
        self._longest_wait_s = goal_s / 2  # the other half is for the work
        self._limit, self._turns = LearnedLimit(most, goal_s), Turns()
        self._in_work = 0
        self._refused = metrics.refused.labels("overloaded")
        self._told = metrics.requests_limit
        self._told.set(self._limit.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] not in _WORK:
            await self._app(scope, receive, send)
            return
        if self._in_work >= self._limit.now or self._turns.wait_s > self._longest_wait_s:
            self._limit.refused()
            self._refused.inc()
            error = OverloadedError(
                "too many requests at once; try again later", retry_after_s=self._limit.retry_after_s
            )
            await api_error_response(error, scope["state"]["request_id"])(scope, receive, send)
            return
        self._in_work += 1
        begun_s = time.perf_counter()
        try:
            await self._turns.come()
            await self._app(scope, receive, send)
        finally:
            self._in_work -= 1
            self._learn(begun_s)

    def _learn(self, begun_s: float) -> None:
        before, now_s = self._limit.now, time.perf_counter()
        self._limit.answered(now_s, now_s - begun_s)
        if self._limit.now != before:
            self._told.set(self._limit.now)
