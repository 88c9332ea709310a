"""The requests of one worker, and of all workers, in the order of their intended start.

Sessions that began before the run are included, so that its first second is like any other.
"""

import heapq
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import numpy as np

from loadtests.load.arrivals import LONGEST_SESSION_S, Arrivals


class Request(NamedTuple):
    """A page request of a device.

    Attributes:
        due_s: intended start, since the start of the run.
        session: number of the session.
        page: number within the session, from 0.
        device: number of the device.
    """

    due_s: float
    session: int
    page: int
    device: int


def traffic(arrivals: Arrivals, duration_s: float, worker: int = 0, workers: int = 1) -> Iterator[Request]:
    """The requests of one of several workers; together they do not depend on the number of workers.

    Keeps only the future pages of current sessions.
    """
    coming: list[Request] = []
    for second in count(-int(LONGEST_SESSION_S)):
        if second >= duration_s:
            return
        pages = arrivals.begun_in(second).of_worker(worker, workers).within(0, duration_s)
        columns = (pages.due_s, pages.session, pages.page, pages.device)
        for request in zip(*(column.tolist() for column in columns), strict=True):
            heapq.heappush(coming, Request(*request))
        while coming and coming[0].due_s < second + 1:
            yield heapq.heappop(coming)


class Census:
    """Counts devices and sessions of all workers, by drawing the same arrivals."""

    def __init__(self, arrivals: Arrivals, devices: int) -> None:
        self._arrivals = arrivals
        self._seen = np.zeros(devices // 8 + 1, dtype=np.uint8)  # one bit per device
        self._next = -int(LONGEST_SESSION_S)
        self.sessions = self.seen_devices = 0

    def count_until(self, second: float) -> None:
        """Count sessions with a page due between the start of the run and a second."""
        while self._next < second:
            pages = self._arrivals.begun_in(self._next).within(0, np.inf)
            self.sessions += len(np.unique(pages.session))
            devices = np.unique(pages.device)
            new = devices[(self._seen[devices >> 3] >> (devices & 7)) & 1 == 0]
            np.bitwise_or.at(self._seen, new >> 3, (1 << (new & 7)).astype(np.uint8))
            self.seen_devices += len(new)
            self._next += 1
