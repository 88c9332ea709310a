"""Log lines of answers: of each server error, and of a fraction of all others."""

import logging
import time
import zlib
from collections.abc import Callable

from service.http.request_state import RequestState
from service.process.logs import FIELDS

_MOST_FAILURES = 20
"""Lines per second of failed answers; when every answer fails, the first ones say as much as all."""
_HASHES = 1 << 32
_log = logging.getLogger("service.access")


class AccessLog:
    """Logs answers.

    The request's id decides whether an answer is logged, so all that is logged of a request is, or nothing.
    """

    def __init__(self, fraction: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._fraction, self._clock = fraction, clock
        self._second, self._failures = 0, 0

    def log(self, state: RequestState, *, route: str, method: str, status: int, seconds: float) -> None:
        """Log an answer that has been sent, if it is to be logged; `route` is the template that the router matched."""
        if self._logs_failure() if status >= 500 else self._is_sampled(state.request_id):
            milliseconds = round(seconds * 1000, 3)
            fields = {"route": route, "method": method, "status": status, "duration_ms": milliseconds}
            if state.runtime is not None:
                fields["model"] = state.runtime.model.label
            if state.principal is not None:
                fields["key"] = state.principal.name
            _log.log(_level(status), "%s %s: %d in %g ms", method, route, status, milliseconds, extra={FIELDS: fields})

    def _is_sampled(self, request_id: str) -> bool:
        return zlib.crc32(request_id.encode()) < self._fraction * _HASHES

    def _logs_failure(self) -> bool:
        second = int(self._clock())
        if second != self._second:
            self._second, self._failures = second, 0
        self._failures += 1
        return self._failures <= _MOST_FAILURES


def _level(status: int) -> int:
    """Error for a fault, warning for a missed deadline or a service that is not ready, info for the rest."""
    if status < 500:
        return logging.INFO
    return logging.ERROR if status == 500 else logging.WARNING
