"""Deadlines: the moment after which an answer is of no use to the client."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from service.errors import DeadlineExceededError, InvalidHeaderError

DEADLINE_HEADER = "X-Request-Deadline-Ms"
LONGEST_DEADLINE_MS = 60_000


@dataclass(frozen=True)
class Deadline:
    """A moment on the `time.perf_counter` clock, in seconds; None: never."""

    expires_at: float | None = None

    @classmethod
    def after(cls, *milliseconds: float | None, since: float) -> Self:
        """The earliest of several deadlines, given in milliseconds after `since`; those that are None don't count."""
        given = [one for one in milliseconds if one is not None]
        return cls(since + min(given) / 1000 if given else None)

    @property
    def moment_s(self) -> float:
        """Seconds on that clock; infinity without a deadline."""
        return math.inf if self.expires_at is None else self.expires_at

    def remaining_s(self) -> float | None:
        """Seconds left, at least 0; None without a deadline."""
        return None if self.expires_at is None else max(0.0, self.expires_at - time.perf_counter())

    def check(self) -> None:
        """Call before each costly step.

        Raises:
            DeadlineExceededError: the moment has passed.
        """
        if self.expires_at is not None and time.perf_counter() >= self.expires_at:
            raise DeadlineExceededError


def header_ms(headers: Mapping[str, str]) -> int | None:
    """Parse the header `X-Request-Deadline-Ms`; None if it is absent.

    Raises:
        InvalidHeaderError: it is not an integer from 1 to 60,000.
    """
    value = headers.get(DEADLINE_HEADER)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= 5 and 1 <= int(value) <= LONGEST_DEADLINE_MS):
        raise InvalidHeaderError(f"{DEADLINE_HEADER} must be a whole number of milliseconds, 1 to 60000")
    return int(value)
