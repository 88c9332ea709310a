"""What `/metrics` answers: written anew for every reader, but for so many readers a second.

Writing the metrics of many workers takes tens of milliseconds, on a thread beside the event loop. Prometheus asks once
in some seconds; whoever asks all the time is given the last text again, and takes no time from those who want answers.
"""

import asyncio
import time
from collections.abc import Callable

_BURST, _A_SECOND = 20.0, 5.0


class Scrapes:
    """Used from one event loop."""

    def __init__(self, write: Callable[[], bytes], clock: Callable[[], float] = time.perf_counter) -> None:
        """Write nothing yet.

        Args:
            write: the metrics as they are; thread-safe.
            clock: seconds that only go forward.
        """
        self._write, self._clock = write, clock
        self._left, self._since_s = _BURST, clock()
        self._last = b""
        self._writing = asyncio.Lock()  # several at once would keep the interpreter from the event loop

    async def text(self) -> bytes:
        """The metrics as they are, or, of late, were."""
        now_s = self._clock()
        self._left = min(_BURST, self._left + _A_SECOND * (now_s - self._since_s))
        self._since_s = now_s
        if self._left < 1 and self._last:
            return self._last
        self._left -= 1
        async with self._writing:
            self._last = await asyncio.to_thread(self._write)
        return self._last
