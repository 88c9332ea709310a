"""Sends each request when its device meant to, whether earlier ones were answered or not (an open loop).

Latencies count from the intended start: what a stalled server, or a load generator without a free place, makes a
device wait is part of it ("How NOT to Measure Latency", Tene 2013).
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

_NAP_S = SHORTEST_S / 10  # no retry is due sooner than that, so none is overslept


class Attempt(NamedTuple):
    """A try to have a request answered.

    Attributes:
        due_s: its intended start, since the run began.
        request: it.
        number: from 1.
    """

    due_s: float
    request: Request
    number: int


@dataclass(frozen=True)
class World:
    """What the dispatcher needs of the world.

    Attributes:
        clock: seconds since the run began.
        sleep: for so many seconds.
        spawn: run something beside the dispatcher.
        body: of a request.
        send: an attempt and the request's body; the answer, once it is there.
        most_attempts: that a device makes.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], object]
    spawn: Callable[..., object]
    body: Callable[[Request], bytes]
    send: Callable[[Attempt, bytes], Answer]
    most_attempts: Callable[[int], int]


class Dispatcher:
    """Runs the requests of a worker."""

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
        """Send nothing yet.

        Args:
            requests: in the order in which they are due.
            world: where to send them.
            tally: where to count.
            until_s: nothing starts later, retries included.
            most_under_way: attempts at the same time; one that is due beyond them is missed.
            deadline_s: within which an answer is of use, from the send on.
        """
        self._requests, self._world, self._tally = iter(requests), world, tally
        self._until_s, self._most_under_way, self._deadline_s = until_s, most_under_way, deadline_s
        self._retries: list[Attempt] = []
        self.under_way = 0

    def stop(self) -> None:
        """Start nothing that is due from now on."""
        self._until_s = min(self._until_s, self._world.clock())

    def run(self, patience_s: float) -> None:
        """Send what is due, and wait for the answers, but no longer than that behind the end."""
        for attempt in self._due():
            body = self._world.body(attempt.request)
            self._sleep_until(attempt.due_s)
            self._start(attempt, body)
        give_up_s = self._world.clock() + patience_s
        while self.under_way and self._world.clock() < give_up_s:
            self._world.sleep(_NAP_S)
        for attempt in self._retries:  # due behind the end: there is nobody left to make them
            self._tally.at(attempt.request.due_s).given_up += 1
        self._retries.clear()

    def _due(self) -> Iterator[Attempt]:
        """Attempts in order, each shortly before it is due; retries come in between as they arise."""
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
        # Also where it is late already: answers that have come must be read.
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
