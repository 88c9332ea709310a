"""Who begins when: a few requests a pass of the event loop.

A request that waits for Redis or for the encoder needs many passes, and each takes as long as all that is ready in it.
Were every request begun at once, those that are new would delay those that are nearly done, the more the more come: the
ones that need Redis were seen to take ten times as long as the others. So work that is under way goes first, and what
is new waits here, where it is known for how long.
"""

import asyncio
import time

from service.admission.rate import LearnedRate
from service.admission.schedule import Job, Offer, Schedule
from service.errors import DeadlineExceededError

A_PASS = 2
BASE_UNITS = 1024  # what a request takes however small its body is, in bytes of one
_STRETCH = 1.75
_FIRST_GUESS_S = 0.0005
_TYPICAL_UNITS = 4096


class Turns:
    """The event loop as something that is waited for. Used from that loop alone."""

    def __init__(self) -> None:
        self._rate = LearnedRate(_FIRST_GUESS_S / BASE_UNITS, _TYPICAL_UNITS)
        self._schedule = Schedule(self._rate, stretch=_STRETCH)
        self._waiting: dict[Job, asyncio.Future[None]] = {}
        self._passing = False
        self._begun = self._begun_units = 0
        self._passed_at_s = 0.0

    def __len__(self) -> int:
        return len(self._schedule)

    def offer(
        self, body_bytes: int, due_s: float, now_s: float, *, reserve_s: float = 0.0, alone: bool = False
    ) -> Offer:
        """What would become of a request with a body of that size; see `Schedule.offer`."""
        return self._schedule.offer([BASE_UNITS + body_bytes], due_s, now_s, reserve_s=reserve_s, alone=alone)

    async def come(self, offer: Offer, body_bytes: int, due_s: float) -> None:
        """Wait for one's turn.

        Raises:
            DeadlineExceededError: it came too late.
        """
        units = BASE_UNITS + body_bytes
        if self._begun < A_PASS and not self._waiting:
            self._begin(units)
            return
        loop = asyncio.get_running_loop()
        (job,) = self._schedule.add(offer, due_s, time.perf_counter())
        self._schedule.give(job, units)
        self._waiting[job] = turn = loop.create_future()
        try:
            await turn
        finally:
            self._waiting.pop(job, None)
            self._schedule.remove(job)

    def _begin(self, units: int) -> None:
        self._begun += 1
        self._begun_units += units
        if not self._passing:
            self._passing = True
            self._passed_at_s = time.perf_counter()
            asyncio.get_running_loop().call_soon(self._pass_on)

    def _pass_on(self) -> None:
        now_s = time.perf_counter()
        self._rate.learn(self._begun_units, now_s - self._passed_at_s)
        self._passed_at_s = now_s
        self._begun = self._begun_units = 0
        while self._begun < A_PASS and (job := self._schedule.first) is not None:
            self._schedule.remove(job)
            turn = self._waiting.pop(job)
            if turn.done():  # its client has gone away
                continue
            if job.due_s <= now_s:
                turn.set_exception(DeadlineExceededError())
                continue
            self._begun += 1
            self._begun_units += job.units
            turn.set_result(None)
        self._passing = bool(self._begun)
        if self._passing:
            asyncio.get_running_loop().call_soon(self._pass_on)
