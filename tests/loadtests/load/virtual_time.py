"""Time that passes only when everybody sleeps: minutes of an open loop, at once and the same each time."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

import greenlet


class VirtualTime:
    """Runs greenlets in the order in which they wake."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleeping: list[tuple[float, int, Any]] = []
        self._turns = count()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self._wake(greenlet.getcurrent(), self.now + seconds)
        self._hub.switch()

    def spawn(self, function: Callable[..., object], *arguments: object) -> None:
        self._wake(greenlet.greenlet(lambda: function(*arguments), parent=self._hub), self.now)

    def run(self, main: Callable[[], object]) -> None:
        """Until nobody sleeps any more."""
        self._hub = greenlet.getcurrent()
        self.spawn(main)
        while self._sleeping:
            wakes, _, sleeper = heapq.heappop(self._sleeping)
            self.now = max(self.now, wakes)
            sleeper.switch()

    def _wake(self, sleeper: Any, at: float) -> None:
        heapq.heappush(self._sleeping, (at, next(self._turns), sleeper))
