"""A circuit breaker: what keeps failing is left alone for a while, then tried by one caller."""

import time
from collections import deque
from collections.abc import Callable

WINDOW_CALLS = 20
WINDOW_S = 10.0
LEAST_FAILURES = 5
LEAST_SHARE = 0.5


class CircuitBreaker:
    """Opens at a rate of failures; after a cool-down one call is let through, and its success closes the breaker.

    It looks at the latest `WINDOW_CALLS` calls, none of them older than `WINDOW_S` seconds: `LEAST_FAILURES` of them
    must have failed, and `LEAST_SHARE` of all. One failure suffices where it leaves no doubt.

    Only the trial decides about an open breaker. What else ends then began before it opened, and says nothing of now.
    A trial that never reports back counts for nothing: a cool-down later, another is made.
    """

    def __init__(self, *, cooldown_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._cooldown_s = cooldown_s
        self._clock = clock
        self._latest: deque[tuple[float, bool]] = deque(maxlen=WINDOW_CALLS)
        self._retry_at: float | None = None
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        """Whether calls are held back, a trial now and then excepted."""
        return self._retry_at is not None

    def allows(self) -> bool:
        """Whether to make a call now. An open breaker that says yes expects that one call, and delays the next."""
        if self._retry_at is None:
            return True
        now = self._clock()
        if now < self._retry_at:
            return False
        self._retry_at, self._is_trying = now + self._cooldown_s, True
        return True

    def succeeded(self) -> None:
        """A call went well."""
        if self._retry_at is not None:
            if not self._is_trying:
                return
            self._retry_at, self._is_trying = None, False
            self._latest.clear()
        self._latest.append((self._clock(), True))

    def failed(self, *, certain: bool = False) -> None:
        """A call failed; `certain`: there is no doubt that the next one would, too."""
        now = self._clock()
        if self._retry_at is None:
            self._latest.append((now, False))
        if (certain or self._fails_often(now)) if self._retry_at is None else self._is_trying:
            self._retry_at, self._is_trying = now + self._cooldown_s, False

    def unclear(self) -> None:
        """A call ended and says nothing of what was called. If it was the trial, the next call is another."""
        if self._is_trying:
            self._retry_at, self._is_trying = self._clock(), False

    def _fails_often(self, now: float) -> bool:
        recent = [went_well for at, went_well in self._latest if now - at < WINDOW_S]
        failures = recent.count(False)
        return failures >= LEAST_FAILURES and failures >= LEAST_SHARE * len(recent)
