"""Long work on the event loop, a time slice at a time, so that other tasks run in between.

A thread would not help: pure Python on a thread holds the interpreter lock, and the event loop waits for that.
"""

import asyncio
import time

SLICE_S = 0.002


class TimeSlice:
    """The time that a task may hold the event loop."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def checkpoint(self) -> None:
        """Let other tasks run if the slice is used up; to be called where the work may be interrupted."""
        if time.perf_counter() - self._since >= SLICE_S:
            await asyncio.sleep(0)
            self._since = time.perf_counter()
