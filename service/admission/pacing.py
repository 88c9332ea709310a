"""Request pacing: a few requests start per pass of the event loop.

A request that waits for Redis or for the encoder needs many passes, and each pass takes as long as all that is ready in
it. If every request started at once, new ones would delay those that are nearly done, the more the more come: requests
that need Redis were seen to take ten times as long as others. So work in progress goes first, and new requests wait
here, where their wait can be predicted.
"""

import asyncio
import time

from service.admission.rate import LearnedRate
from service.admission.schedule import Job, Offer, Schedule
from service.errors import DeadlineExceededError

STARTS_PER_PASS = 1
BASE_UNITS = 1024  # the cost of a request of any size, in bytes of a body
_STRETCH = 1.75
_FIRST_GUESS_S = 0.0005
_TYPICAL_UNITS = 4096


def units_of(body_bytes: int) -> int:
    """The cost of a request with a body of that size, in bytes of a body."""
    return BASE_UNITS + body_bytes


class RequestPacer:
    """The event loop as a resource with a queue; used from that loop alone."""

    def __init__(self) -> None:
        self._rate = LearnedRate(_FIRST_GUESS_S / BASE_UNITS, _TYPICAL_UNITS)
        self.schedule = Schedule(self._rate, stretch=_STRETCH)
        self._waiting: dict[Job, asyncio.Future[None]] = {}
        self._running = False
        self._started = self._started_units = 0
        self._passed_at_s = 0.0

    def __len__(self) -> int:
        return len(self.schedule)

    async def wait(self, offer: Offer, units: int, due_s: float) -> None:
        """Wait for one's turn.

        Raises:
            DeadlineExceededError: it came too late.
        """
        if self._started < STARTS_PER_PASS and not self._waiting:
            self._start(units)
            return
        loop = asyncio.get_running_loop()
        (job,) = self.schedule.add(offer, due_s, time.perf_counter())
        self.schedule.give(job, units)
        self._waiting[job] = turn = loop.create_future()
        try:
            await turn
        finally:
            self._waiting.pop(job, None)
            self.schedule.remove(job)

    def _start(self, units: int) -> None:
        self._started += 1
        self._started_units += units
        if not self._running:
            self._running = True
            self._passed_at_s = time.perf_counter()
            asyncio.get_running_loop().call_soon(self._next_pass)

    def _next_pass(self) -> None:
        now_s = time.perf_counter()
        self._rate.learn(self._started_units, now_s - self._passed_at_s)
        self._passed_at_s = now_s
        self._started = self._started_units = 0
        while self._started < STARTS_PER_PASS and (job := self.schedule.first) is not None:
            self.schedule.remove(job)
            turn = self._waiting.pop(job)
            if turn.done():  # its client has disconnected
                continue
            if job.due_s <= now_s:
                turn.set_exception(DeadlineExceededError())
                continue
            self._started += 1
            self._started_units += job.units
            turn.set_result(None)
        self._running = bool(self._started)
        if self._running:
            asyncio.get_running_loop().call_soon(self._next_pass)
