"""Closed-loop clients as strangers write them: many at once, each of which asks anew when it has been answered.

Most are impatient: refused, they come again shortly afterwards, whatever `Retry-After` says. Every tenth waits as it
was told, so that it can be seen whether what it was told is true. All bodies are made beforehand: a client that takes
the service's core measures itself.
"""

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from loadtests.harness.closed_loop import LATE, OK, REFUSED, Asker, Reply

PAUSE_S = 0.05
GRACE = 1.2
_PATIENT_EVERY = 10
_LOST = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a request.

    Attributes:
        status: of HTTP; 0 if the connection was lost.
        seconds: until then, from the send.
        retry_after_s: what it was told, if anything.
        waited: whether its client had been refused and had waited as it was told.
    """

    status: int
    seconds: float
    retry_after_s: float | None = None
    waited: bool = False


@dataclass(frozen=True)
class Crowd:
    """What came of all requests of a crowd.

    Attributes:
        attempts: those that ended.
        elapsed_s: from the first send to the last end.
    """

    attempts: Sequence[Attempt]
    elapsed_s: float

    @classmethod
    def joined(cls, crowds: Sequence["Crowd"]) -> "Crowd":
        """What came of several, one after another, as of one."""
        return cls([attempt for one in crowds for attempt in one.attempts], sum(one.elapsed_s for one in crowds))

    @property
    def answered(self) -> Sequence[Attempt]:
        """Those that got an answer."""
        return [one for one in self.attempts if one.status == OK]

    def count(self, status: int) -> int:
        """How many had a status."""
        return sum(one.status == status for one in self.attempts)

    @property
    def refused(self) -> int:
        """How many were refused."""
        return self.count(REFUSED)

    @property
    def late(self) -> int:
        """How many the service did not manage in time."""
        return self.count(LATE)

    @property
    def failed(self) -> int:
        """How many ended otherwise."""
        return len(self.attempts) - len(self.answered) - self.refused - self.late

    def goodput(self, deadline_s: float = math.inf) -> float:
        """Answers a second that took no longer than that."""
        return sum(one.seconds <= deadline_s for one in self.answered) / self.elapsed_s

    def percentile_ms(self, percent: float) -> float:
        """The latency that so many percent of answers did not exceed, in milliseconds; NaN without an answer."""
        seconds = [one.seconds for one in self.answered]
        return float(np.percentile(seconds, percent)) * 1000 if seconds else math.nan

    def ended_in_time(self, deadline_s: float) -> float | None:
        """The share of what was admitted that ended within `GRACE` deadlines, whatever came of it."""
        admitted = [one for one in self.attempts if one.status != REFUSED]
        return _share([one.seconds <= GRACE * deadline_s for one in admitted])

    @property
    def promises_kept(self) -> float | None:
        """Of those who waited as they were told, the share that was then admitted."""
        return _share([one.status != REFUSED for one in self.attempts if one.waited])

    @property
    def retry_after_s(self) -> tuple[float, float] | None:
        """The least and the most that the refused were told to wait, in seconds; None if nobody was told anything."""
        told = [one.retry_after_s for one in self.attempts if one.retry_after_s is not None]
        return (min(told), max(told)) if told else None


async def crowd(port: int, requests: Sequence[Iterator[bytes]], seconds: float) -> Crowd:
    """Let clients ask for so long; what is under way then is waited for, so that the rate is of whole requests.

    Args:
        port: of the service.
        requests: of each client.
        seconds: nothing is sent later than that.
    """
    askers = [Asker(port) for _ in requests]
    await asyncio.gather(*(asker.connect() for asker in askers))
    started = time.perf_counter()
    told = await asyncio.gather(
        *(
            _client(asker, bodies, started + seconds, patient=place % _PATIENT_EVERY == _PATIENT_EVERY - 1)
            for place, (asker, bodies) in enumerate(zip(askers, requests, strict=True))
        )
    )
    return Crowd([attempt for attempts, _ in told for attempt in attempts], max(at for _, at in told) - started)


async def burst(port: int, requests: Sequence[bytes], settle_s: float) -> Crowd:
    """All requests in the same moment, over as many connections that have been idle for a while."""
    askers = [Asker(port) for _ in requests]
    await asyncio.gather(*(asker.connect() for asker in askers))
    await asyncio.sleep(settle_s)
    started = time.perf_counter()
    pairs = zip(askers, requests, strict=True)
    attempts = await asyncio.gather(*(_attempt(asker, request, waited=False) for asker, request in pairs))
    elapsed_s = time.perf_counter() - started
    for asker in askers:
        asker.close()
    return Crowd(attempts, elapsed_s)


async def _client(
    asker: Asker, bodies: Iterator[bytes], until_s: float, *, patient: bool
) -> tuple[list[Attempt], float]:
    """Its attempts, and when the last of them ended."""
    attempts: list[Attempt] = []
    ended_s, waited = time.perf_counter(), False
    request = next(bodies)
    while ended_s < until_s:
        attempts.append(attempt := await _attempt(asker, request, waited=waited))
        ended_s, waited = time.perf_counter(), False
        if attempt.status != REFUSED:
            request = next(bodies)
            continue
        waited = patient and attempt.retry_after_s is not None
        pause_s = (attempt.retry_after_s or 0.0) if waited else PAUSE_S
        if ended_s + pause_s >= until_s:
            break
        await asyncio.sleep(pause_s)
    asker.close()
    return attempts, ended_s


async def _attempt(asker: Asker, request: bytes, *, waited: bool) -> Attempt:
    started = time.perf_counter()
    try:
        reply: Reply = await asker.ask(request)
    except OSError:
        return Attempt(_LOST, time.perf_counter() - started, waited=waited)
    return Attempt(reply.status, reply.seconds, reply.retry_after_s, waited)


def _share(held: Sequence[bool]) -> float | None:
    return sum(held) / len(held) if held else None
