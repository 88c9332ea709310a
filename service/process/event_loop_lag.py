"""How late the event loop was while something was waited for: what came too late then is not the other side's fault."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

_TICKS = 8


class EventLoopLag:
    """Wakes up eight times within a stretch of time, and adds up how late.

    A collection of garbage, a large body that is parsed or a process that the system held up delays every timer: also
    the one that ends a call for which the answer is there already, unread. What is added up is a lower bound: of a time
    in which the loop stood still, an eighth of the stretch may be missed.

    Attributes:
        lag_s: by how many seconds it woke up too late, in all.
    """

    def __init__(self, stretch_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s, self._clock = stretch_s / _TICKS, clock
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.lag_s = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; a time to wake up that has passed by now counts."""
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
