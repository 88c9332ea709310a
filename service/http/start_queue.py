"""Who begins when: a few requests a pass of the event loop.

Clients that are refused come again at once, and each refusal takes a part of a millisecond. Were all that have come in
a pass begun in it, what is under way, which needs several passes, would wait for all of them each time.
"""

import asyncio
from collections import deque

_A_PASS = 2
_PASSES = 8


class StartQueue:
    """Used from one event loop."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._begun = 0
        self._passing = False

    async def turn(self) -> None:
        """Wait for one's turn; first come, first served."""
        loop = asyncio.get_running_loop()
        if not self._passing:
            self._passing = True
            loop.call_soon(self._pass_on, loop)
        if self._begun < _A_PASS and not self._waiting:
            self._begun += 1
            return
        self._waiting.append(turn := loop.create_future())
        await turn

    def _pass_on(self, loop: asyncio.AbstractEventLoop) -> None:
        self._begun = 0
        most = max(_A_PASS, len(self._waiting) // _PASSES)
        while self._waiting and self._begun < most:
            turn = self._waiting.popleft()
            if not turn.done():  # its client has gone away
                turn.set_result(None)
                self._begun += 1
        self._passing = bool(self._begun)
        if self._passing:
            loop.call_soon(self._pass_on, loop)
