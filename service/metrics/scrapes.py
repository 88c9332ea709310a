"""The answers of `/metrics`, written at a limited rate.

Writing the metrics of many workers takes tens of milliseconds on a thread. Prometheus scrapes every few seconds; more
frequent scrapes get the last text again, so that they take no time from requests.
"""

import asyncio
import time
from collections.abc import Callable

_BURST, _A_SECOND = 20.0, 5.0


class Scrapes:
    """Used from one event loop."""

    def __init__(self, write: Callable[[], bytes], clock: Callable[[], float] = time.perf_counter) -> None:
        """Write nothing yet; `write` returns the current metrics, on any thread."""
        self._write, self._clock = write, clock
        self._left, self._since_s = _BURST, clock()
        self._last = b""
        self._writing = asyncio.Lock()  # several threads at once would keep the interpreter's lock from the event loop

    async def text(self) -> bytes:
        """The current metrics, or those of the last scrape."""
        now_s = self._clock()
        self._left = min(_BURST, self._left + _A_SECOND * (now_s - self._since_s))
        self._since_s = now_s
        if self._left < 1 and self._last:
            return self._last
        self._left -= 1
        async with self._writing:
            self._last = await asyncio.to_thread(self._write)
        return self._last
