"""A queue in which new requests start, a few per pass of the event loop.

Refused clients come back at once, and each refusal takes a fraction of a millisecond. If every request that arrived in
a pass also started in it, work in progress, which needs several passes, would wait for all of them in each pass.

An admitted request needs about four passes. If two start in each, eight are in progress, each pass takes as long as two
requests' work, and an answer takes four times as long after its admission: more than the deadline's margin covers.
"""

import asyncio
from collections import deque

from service.admission.pacing import STARTS_PER_PASS

_MOST_PASSES = 8


class StartQueue:
    """First come, first served; used from one event loop."""

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._started = 0
        self._running = False

    async def wait(self) -> None:
        """Wait for one's turn."""
        loop = asyncio.get_running_loop()
        if not self._running:
            self._running = True
            loop.call_soon(self._next_pass, loop)
        if self._started < STARTS_PER_PASS and not self._waiting:
            self._started += 1
            return
        self._waiting.append(turn := loop.create_future())
        await turn

    def _next_pass(self, loop: asyncio.AbstractEventLoop) -> None:
        self._started = 0
        most = max(STARTS_PER_PASS, len(self._waiting) // _MOST_PASSES)
        while self._waiting and self._started < most:
            turn = self._waiting.popleft()
            if not turn.done():  # else its client has disconnected
                turn.set_result(None)
                self._started += 1
        self._running = bool(self._started)
        if self._running:
            loop.call_soon(self._next_pass, loop)
