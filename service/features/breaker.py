"""A circuit breaker: what has just failed is left alone for a while, then tried by one caller."""

import time
from collections.abc import Callable


class CircuitBreaker:
    """Opens at a failure; after a cool-down one call is let through, and its success closes the breaker.

    A trial that never reports back (its caller was cancelled) counts for nothing: a cool-down later, another is made.
    """

    def __init__(self, *, cooldown_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._cooldown_s = cooldown_s
        self._clock = clock
        self._retry_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last call that reported back failed."""
        return self._retry_at is not None

    def allows(self) -> bool:
        """Whether to make a call now. An open breaker that says yes expects that one call, and delays the next."""
        if self._retry_at is None:
            return True
        now = self._clock()
        if now < self._retry_at:
            return False
        self._retry_at = now + self._cooldown_s
        return True

    def succeeded(self) -> None:
        """A call went well."""
        self._retry_at = None

    def failed(self) -> None:
        """A call failed."""
        self._retry_at = self._clock() + self._cooldown_s
