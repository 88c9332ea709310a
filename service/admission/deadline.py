"""The moment after which an answer is of no use to the client."""

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
    """A moment on the `time.perf_counter` clock, or none at all.

    Attributes:
        expires_at: seconds on that clock; None never expires.
    """

    expires_at: float | None = None

    @classmethod
    def after(cls, *milliseconds: float | None, since: float) -> Self:
        """The deadline that the least of those milliseconds after `since` sets; None sets none."""
        said = [one for one in milliseconds if one is not None]
        return cls(since + min(said) / 1000 if said else None)

    @property
    def moment_s(self) -> float:
        """Seconds on that clock; infinity without a deadline."""
        return math.inf if self.expires_at is None else self.expires_at

    def remaining_s(self) -> float | None:
        """Seconds that are left, 0 if none are; None without a deadline."""
        return None if self.expires_at is None else max(0.0, self.expires_at - time.perf_counter())

    def check(self) -> None:
        """Call before each costly step.

        Raises:
            DeadlineExceededError: the moment has passed.
        """
        if self.expires_at is not None and time.perf_counter() >= self.expires_at:
            raise DeadlineExceededError


def header_ms(headers: Mapping[str, str]) -> int | None:
    """What the header `X-Request-Deadline-Ms` says, if anything.

    Raises:
        InvalidHeaderError: it says something else than a whole number of milliseconds, 1 to 60,000.
    """
    said = headers.get(DEADLINE_HEADER)
    if said is None:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) <= 5 and 1 <= int(said) <= LONGEST_DEADLINE_MS):
        raise InvalidHeaderError(f"{DEADLINE_HEADER} must be a whole number of milliseconds, 1 to 60000")
    return int(said)
