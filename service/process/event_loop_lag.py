"""Event-loop lag during a call: an answer that was read late is not the other side's fault."""

import asyncio
import time
from collections.abc import Callable
from typing import Self

_TICKS = 8


class EventLoopLag:
    """Wakes up eight times within a period, and adds up the delays.

    A garbage collection, the parsing of a large body or a suspended process delays every timer, also the one that times
    out a call whose answer is already there, unread. The sum, `lag_s` in seconds, is a lower bound: of each stall, up
    to an eighth of the period is missed.
    """

    def __init__(self, period_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s, self._clock = period_s / _TICKS, clock
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.lag_s = 0.0

    def __enter__(self) -> Self:
        """Start measuring."""
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop measuring; a wake-up that is overdue by now counts."""
        if self._timer is not None:
            self._timer.cancel()
            self._add()

    def _tick(self) -> None:
        self._add()
        self._wait()

    def _add(self) -> None:
        self.lag_s += max(0.0, self._clock() - self._due)

    def _wait(self) -> None:
        self._due = self._clock() + self._every_s
        self._timer = asyncio.get_running_loop().call_later(self._every_s, self._tick)
