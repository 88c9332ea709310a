"""The moment after which an answer is of no use to the client."""

import time
from dataclasses import dataclass
from typing import Self

from service.errors import DeadlineExceededError


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
