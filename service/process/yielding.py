"""Long work on the event loop, a slice at a time, so that the others get their turns in between.

A thread would not do: one that does Python's own work holds the interpreter's lock, and the event loop waits for that.
"""

import asyncio
import time

SLICE_S = 0.002


class TimeSlice:
    """Tells when a slice has been used up."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def turn(self) -> None:
        """Let the others have their turns, if this work has had its own; called where it may be interrupted."""
        if time.perf_counter() - self._since >= SLICE_S:
            await asyncio.sleep(0)
            self._since = time.perf_counter()
