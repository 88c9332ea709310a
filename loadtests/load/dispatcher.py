"""Sends each request at its intended start, whether earlier ones were answered or not (an open loop).

Latencies count from the intended start, so they include waiting for a stalled server or for a free slot of the load
generator (Tene, "How NOT to Measure Latency", 2013).
"""

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from loadtests.load.answer import Answer
from loadtests.load.recording import GRACE, Second
from loadtests.load.retry import SHORTEST_S, wait_s
from loadtests.load.tally import Tally
from loadtests.load.traffic import Request

_NAP_S = SHORTEST_S / 10  # no retry is due sooner, so none is missed


class Attempt(NamedTuple):
    """An attempt at a request.

    Attributes:
        due_s: intended start, since the start of the run.
        request: the request.
        number: from 1.
    """

    due_s: float
    request: Request
    number: int


@dataclass(frozen=True)
class World:
    """The dispatcher's environment.

    Attributes:
        clock: gives seconds since the start of the run.
        sleep: sleeps for some seconds.
        spawn: runs a function concurrently.
        body: gives the body of a request.
        send: sends an attempt with the request's body, and returns the answer.
        most_attempts: gives a device's maximal number of attempts.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], object]
    spawn: Callable[..., object]
    body: Callable[[Request], bytes]
    send: Callable[[Attempt, bytes], Answer]
    most_attempts: Callable[[int], int]


class Dispatcher:
    """Sends the requests of a worker."""

    def __init__(
        self,
        requests: Iterable[Request],
        world: World,
        tally: Tally,
        *,
        until_s: float,
        most_under_way: int,
        deadline_s: float = math.inf,
    ) -> None:
        """Create it.

        Args:
            requests: in the order of their intended start.
            world: the environment.
            tally: counts results.
            until_s: nothing starts later, retries included.
            most_under_way: maximal number of concurrent attempts; further ones are missed.
            deadline_s: of an answer, from the send on.
        """
        self._requests, self._world, self._tally = iter(requests), world, tally
        self._until_s, self._most_under_way, self._deadline_s = until_s, most_under_way, deadline_s
        self._retries: list[Attempt] = []
        self.under_way = 0

    def stop(self) -> None:
        """Start nothing that is due later than now."""
        self._until_s = min(self._until_s, self._world.clock())

    def run(self, patience_s: float) -> None:
        """Send what is due, and wait for the answers, at most some seconds after the end."""
        for attempt in self._due():
            body = self._world.body(attempt.request)
            self._sleep_until(attempt.due_s)
            self._start(attempt, body)
        give_up_s = self._world.clock() + patience_s
        while self.under_way and self._world.clock() < give_up_s:
            self._world.sleep(_NAP_S)
        for attempt in self._retries:  # due after the end, so never made
            self._tally.at(attempt.request.due_s).given_up += 1
        self._retries.clear()

    def _due(self) -> Iterator[Attempt]:
        """Yield attempts in order, each shortly before it is due, merged with retries."""
        coming = next(self._requests, None)
        while (now := self._world.clock()) < self._until_s:
            first = self._retries[0].due_s if self._retries else math.inf
            due_s = min(first, coming.due_s if coming else math.inf)
            if due_s >= now + _NAP_S:
                self._world.sleep(_NAP_S)
            elif due_s >= self._until_s:
                return
            elif first == due_s:
                yield heapq.heappop(self._retries)
            elif coming is not None:
                yield Attempt(coming.due_s, coming, 1)
                coming = next(self._requests, None)

    def _sleep_until(self, due_s: float) -> None:
        pause = due_s - self._world.clock()
        # Yields even if it is late already, so that received answers are read.
        self._world.sleep(max(0.0, pause))

    def _start(self, attempt: Attempt, body: bytes) -> None:
        second = self._tally.at(attempt.due_s)
        second.asked += 1
        late_ms = (self._world.clock() - attempt.due_s) * 1000
        second.observed["late_ms"] = max(late_ms, second.observed.get("late_ms", 0.0))
        if self.under_way >= self._most_under_way:
            second.missed += 1
            self._tally.at(attempt.request.due_s).given_up += 1
            return
        second.sent += 1
        self.under_way += 1
        self._world.spawn(self._attempt, attempt, body)

    def _attempt(self, attempt: Attempt, body: bytes) -> None:
        sent_s = self._world.clock()
        try:
            answer = self._world.send(attempt, body)
        finally:
            self.under_way -= 1
        ended_s = self._world.clock()
        took_s = ended_s - sent_s
        second = self._tally.at(attempt.due_s)
        second.ended_in_time += not answer.refused and took_s <= GRACE * self._deadline_s
        if answer.answered:
            second.answered += 1
            second.in_time += took_s <= self._deadline_s
            second.degraded += answer.degraded
            second.from_intended.add(ended_s - attempt.due_s)
            second.from_sent.add(took_s)
            self._tally.at(attempt.request.due_s).until_answered.add(ended_s - attempt.request.due_s)
            return
        self._count_unanswered(second, answer)
        self._try_again(attempt, answer, ended_s)

    def _count_unanswered(self, second: Second, answer: Answer) -> None:
        if answer.refused:
            second.refused += 1
        elif answer.late:
            second.late += 1
        else:
            second.failed += 1

    def _try_again(self, attempt: Attempt, answer: Answer, ended_s: float) -> None:
        request = attempt.request
        wait = wait_s(
            request.session + request.page,
            attempt.number,
            most_attempts=self._world.most_attempts(request.device),
            retry_after_s=answer.retry_after_s,
        )
        if wait is None:
            self._tally.at(request.due_s).given_up += 1
            return
        self._tally.at(attempt.due_s).retried += 1
        heapq.heappush(self._retries, Attempt(ended_s + wait, request, attempt.number + 1))
