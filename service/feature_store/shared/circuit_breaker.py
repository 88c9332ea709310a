"""A circuit breaker: a dependency that keeps failing is bypassed for a while, then tried by one call."""

import time
from collections import deque
from collections.abc import Callable

WINDOW_CALLS = 20
WINDOW_S = 10.0
LEAST_FAILURES = 5
LEAST_SHARE = 0.5


class CircuitBreaker:
    """Opens at a rate of failures; after a cool-down one call is let through, and its success closes the breaker.

    It opens when, among the latest `WINDOW_CALLS` calls of the last `WINDOW_S` seconds, at least `LEAST_FAILURES` and
    at least `LEAST_SHARE` of all have failed; or at one failure that is certain to recur.

    Only the trial call closes an open breaker; other calls that end then began before it opened. If a trial never
    reports back, another is made a cool-down later.
    """

    def __init__(self, *, cooldown_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._cooldown_s = cooldown_s
        self._clock = clock
        self._latest: deque[tuple[float, bool]] = deque(maxlen=WINDOW_CALLS)
        self._retry_at: float | None = None
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        """Whether calls are bypassed, except for trials."""
        return self._retry_at is not None

    def allows(self) -> bool:
        """Whether to make a call now. True from an open breaker is for a single trial call."""
        if self._retry_at is None:
            return True
        now = self._clock()
        if now < self._retry_at:
            return False
        self._retry_at, self._is_trying = now + self._cooldown_s, True
        return True

    def succeeded(self) -> None:
        """Record a successful call."""
        if self._retry_at is not None:
            if not self._is_trying:
                return
            self._retry_at, self._is_trying = None, False
            self._latest.clear()
        self._latest.append((self._clock(), True))

    def failed(self, *, certain: bool = False) -> None:
        """Record a failed call; `certain`: the next one would fail, too."""
        now = self._clock()
        if self._retry_at is None:
            self._latest.append((now, False))
        if (certain or self._fails_often(now)) if self._retry_at is None else self._is_trying:
            self._retry_at, self._is_trying = now + self._cooldown_s, False

    def unclear(self) -> None:
        """Record a call without a conclusion. If it was the trial, the next call is another."""
        if self._is_trying:
            self._retry_at, self._is_trying = self._clock(), False

    def _fails_often(self, now: float) -> bool:
        recent = [succeeded for at, succeeded in self._latest if now - at < WINDOW_S]
        failures = recent.count(False)
        return failures >= LEAST_FAILURES and failures >= LEAST_SHARE * len(recent)
