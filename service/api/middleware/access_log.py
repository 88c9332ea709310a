"""A line in the log of an answer: of each that failed in the service, and of a share of the others."""

import logging
import time
import zlib
from collections.abc import Callable
from typing import Any

from starlette.types import Scope

from service.process.logs import FIELDS

_MOST_FAILURES = 20
"""Lines a second of answers that failed; when every answer fails, the first ones tell as much as all."""
_HASHES = 1 << 32
_log = logging.getLogger("service.access")


class AccessLog:
    """Tells the log of answers.

    The request's id decides whether an answer is in the share: all that is logged of a request is, or nothing.
    """

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._share, self._clock = share, clock
        self._second, self._failures = 0, 0

    def tell(self, scope: Scope, *, route: str, method: str, status: int, seconds: float) -> None:
        """An answer has been sent.

        Args:
            scope: of its request.
            route: the template that the router matched.
            method: of the request, or `other`.
            status: of the answer.
            seconds: from the request's arrival to the end of the answer.
        """
        state = scope["state"]
        if self._is_told_of_failure() if status >= 500 else self._is_in_share(state.get("request_id", "")):
            milliseconds = round(seconds * 1000, 3)
            fields = {"route": route, "method": method, "status": status, "duration_ms": milliseconds, **_who(state)}
            _log.log(_level(status), "%s %s: %d in %g ms", method, route, status, milliseconds, extra={FIELDS: fields})

    def _is_in_share(self, request_id: str) -> bool:
        return zlib.crc32(request_id.encode()) < self._share * _HASHES

    def _is_told_of_failure(self) -> bool:
        second = int(self._clock())
        if second != self._second:
            self._second, self._failures = second, 0
        self._failures += 1
        return self._failures <= _MOST_FAILURES


def _level(status: int) -> int:
    """Of a fault it is an error; of a deadline that passed, or of what is not ready, a warning."""
    if status < 500:
        return logging.INFO
    return logging.ERROR if status == 500 else logging.WARNING


def _who(state: dict[str, Any]) -> dict[str, str]:
    """What is known of who answered, and of whose key asked; neither is so of a request that was refused unread."""
    found = {}
    if (runtime := state.get("runtime")) is not None:
        found["model"] = runtime.model.label
    if (holder := state.get("holder")) is not None:
        found["key"] = holder.name
    return found
