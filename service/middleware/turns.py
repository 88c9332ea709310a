"""Who begins when: a few requests a pass of the event loop, in the order in which they came.

A request that waits for Redis or for the encoder needs many passes, and each takes as long as all that is ready in it.
Were every request begun at once, those that are new would delay those that are nearly done, the more the more come: the
ones that need Redis were seen to take ten times as long as the others. So work that is under way goes first, and what
is new waits here, where it is known for how long: if too long, it can be told so at once.
"""

import asyncio
import time
from collections import deque

A_PASS = 2
_FIRST_GUESS_S = 0.001
_SMOOTHING, _MOST_AT_ONCE = 0.05, 4.0


class Turns:
    """A queue of requests that have not begun. Used from one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._passing = False
        self._begun = 0
        self._passed_at_s = 0.0
        self._pass_s = _FIRST_GUESS_S

    @property
    def wait_s(self) -> float:
        """How long one that comes now will wait, in seconds, as far as can be told."""
        return len(self._waiting) / A_PASS * self._pass_s

    async def come(self) -> None:
        """Wait for one's turn."""
        loop = asyncio.get_running_loop()
        if self._begun == A_PASS:
            turn = loop.create_future()
            self._waiting.append(turn)
            await turn
            return
        self._begun += 1
        if not self._passing:
            self._passing = True
            self._passed_at_s = time.perf_counter()
            loop.call_soon(self._pass_on)

    def _pass_on(self) -> None:
        self._measure()
        self._begun = 0
        while self._waiting and self._begun < A_PASS:
            turn = self._waiting.popleft()
            if not turn.done():  # it is, if its client has gone away
                turn.set_result(None)
                self._begun += 1
        self._passing = bool(self._begun)
        if self._passing:
            asyncio.get_running_loop().call_soon(self._pass_on)

    def _measure(self) -> None:
        """A pass that takes very long, such as one that collects garbage, says little about the next."""
        now_s = time.perf_counter()
        took_s = min(now_s - self._passed_at_s, _MOST_AT_ONCE * self._pass_s)
        self._passed_at_s = now_s
        self._pass_s += _SMOOTHING * (took_s - self._pass_s)
