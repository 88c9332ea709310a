"""Many closed-loop clients at once: each sends its next request when the last one is answered.

Most are impatient: after a refusal they retry shortly, whatever `Retry-After` says. Every tenth obeys it, which shows
whether the promise is kept. All bodies are prepared beforehand: a client that takes the service's core measures itself.
"""

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from loadtests.harness.closed_loop import LATE, LOST, OK, REFUSED, Client, Reply

PAUSE_S = 0.05
GRACE = 1.2
_PATIENT_EVERY = 10


@dataclass(frozen=True)
class Crowd:
    """All attempts of a crowd.

    Attributes:
        attempts: their replies.
        elapsed_s: from the first send to the last reply.
    """

    attempts: Sequence[Reply]
    elapsed_s: float

    @classmethod
    def joined(cls, crowds: Sequence["Crowd"]) -> "Crowd":
        """Join several crowds that ran one after another."""
        return cls([attempt for one in crowds for attempt in one.attempts], sum(one.elapsed_s for one in crowds))

    @property
    def answered(self) -> Sequence[Reply]:
        """Attempts with status 200."""
        return [one for one in self.attempts if one.status == OK]

    def count(self, status: int) -> int:
        """Number of attempts with a status."""
        return sum(one.status == status for one in self.attempts)

    @property
    def refused(self) -> int:
        """Number of attempts with status 429."""
        return self.count(REFUSED)

    @property
    def late(self) -> int:
        """Number of attempts with status 504."""
        return self.count(LATE)

    @property
    def failed(self) -> int:
        """Number of attempts with any other status."""
        return len(self.attempts) - len(self.answered) - self.refused - self.late

    def goodput(self, deadline_s: float = math.inf) -> float:
        """Answers per second within the deadline."""
        return sum(one.seconds <= deadline_s for one in self.answered) / self.elapsed_s

    def percentile_ms(self, percent: float) -> float:
        """Percentile of the answers' latency in milliseconds; NaN without an answer."""
        seconds = [one.seconds for one in self.answered]
        return float(np.percentile(seconds, percent)) * 1000 if seconds else math.nan

    def ended_in_time(self, deadline_s: float) -> float | None:
        """Share of admitted attempts that ended within `GRACE` deadlines, with any status."""
        admitted = [one for one in self.attempts if one.status != REFUSED]
        return _share([one.seconds <= GRACE * deadline_s for one in admitted])

    @property
    def promises_kept(self) -> float | None:
        """Share of attempts after an obeyed `Retry-After` that were admitted."""
        return _share([one.status != REFUSED for one in self.attempts if one.waited])

    @property
    def retry_after_s(self) -> tuple[float, float] | None:
        """Minimum and maximum of `Retry-After` in seconds; None without any."""
        waits = [one.retry_after_s for one in self.attempts if one.retry_after_s is not None]
        return (min(waits), max(waits)) if waits else None


async def crowd(port: int, requests: Sequence[Iterator[bytes]], seconds: float) -> Crowd:
    """Run a crowd for some seconds, and wait for the requests in flight at its end.

    Args:
        port: of the service.
        requests: of each client.
        seconds: nothing is sent later.
    """
    senders = [Client(port) for _ in requests]
    await asyncio.gather(*(client.connect() for client in senders))
    started = time.perf_counter()
    runs = await asyncio.gather(
        *(
            _client(client, bodies, started + seconds, patient=place % _PATIENT_EVERY == _PATIENT_EVERY - 1)
            for place, (client, bodies) in enumerate(zip(senders, requests, strict=True))
        )
    )
    return Crowd([attempt for attempts, _ in runs for attempt in attempts], max(at for _, at in runs) - started)


async def burst(port: int, requests: Sequence[bytes], settle_s: float) -> Crowd:
    """Send all requests at once, over as many connections that were idle for a while."""
    senders = [Client(port) for _ in requests]
    await asyncio.gather(*(client.connect() for client in senders))
    await asyncio.sleep(settle_s)
    started = time.perf_counter()
    pairs = zip(senders, requests, strict=True)
    attempts = await asyncio.gather(*(_attempt(client, request, waited=False) for client, request in pairs))
    elapsed_s = time.perf_counter() - started
    for client in senders:
        client.close()
    return Crowd(attempts, elapsed_s)


async def _client(
    client: Client, bodies: Iterator[bytes], until_s: float, *, patient: bool
) -> tuple[list[Reply], float]:
    """Run a client. Returns its attempts and the time of the last reply."""
    attempts: list[Reply] = []
    ended_s, waited = time.perf_counter(), False
    request = next(bodies)
    while ended_s < until_s:
        attempts.append(attempt := await _attempt(client, request, waited=waited))
        ended_s, waited = time.perf_counter(), False
        if attempt.status != REFUSED:
            request = next(bodies)
            continue
        waited = patient and attempt.retry_after_s is not None
        pause_s = (attempt.retry_after_s or 0.0) if waited else PAUSE_S
        if ended_s + pause_s >= until_s:
            break
        await asyncio.sleep(pause_s)
    client.close()
    return attempts, ended_s


async def _attempt(client: Client, request: bytes, *, waited: bool) -> Reply:
    started = time.perf_counter()
    try:
        reply = await client.send(request)
    except OSError:
        return Reply(LOST, time.perf_counter() - started, waited=waited)
    return replace(reply, waited=waited)


def _share(held: Sequence[bool]) -> float | None:
    return sum(held) / len(held) if held else None
