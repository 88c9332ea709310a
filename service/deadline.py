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
    def after(cls, milliseconds: int | None, *, since: float) -> Self:
        """The deadline that many milliseconds after `since`; None gives one that never expires."""
        return cls(None if milliseconds is None else since + milliseconds / 1000)

    def check(self) -> None:
        """Call before each costly step.

        Raises:
            DeadlineExceededError: the moment has passed.
        """
        if self.expires_at is not None and time.perf_counter() >= self.expires_at:
            raise DeadlineExceededError(
                "the deadline passed before the work could start; allow more time or ask for less"
            )
