"""Arrivals of sessions, a Poisson process whose rate follows a shape, and the pages of each session.

Each second has its own generator, keyed by seed and second: all workers draw the same sessions in any order, and each
takes its part.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loadtests.load.device import Population
from loadtests.load.randomness import key_of

_GO_ON = 2 / 3
MOST_PAGES = 12
_THINK_MEDIAN_S, _THINK_SIGMA, MOST_THINK_S = 3.0, 0.8, 20.0
MEAN_PAGES = (1 - _GO_ON**MOST_PAGES) / (1 - _GO_ON)
LONGEST_SESSION_S = (MOST_PAGES - 1) * MOST_THINK_S


@dataclass(frozen=True)
class Pages:
    """The pages of all sessions that begin within a second, as columns.

    Attributes:
        due_s: intended start, since the start of the run.
        session: number of the session, equal in every process.
        page: number within the session, from 0.
        device: number of the device.
        place: index of the session within the second.
    """

    due_s: NDArray[np.float64]
    session: NDArray[np.int64]
    page: NDArray[np.int64]
    device: NDArray[np.int64]
    place: NDArray[np.int64]

    def of_worker(self, worker: int, workers: int) -> "Pages":
        """The pages of one of several workers."""
        # The session's number includes the second, so that rare sessions do not all go to the first worker.
        return self._kept((self.session // _SECOND + self.place) % workers == worker)

    def within(self, start_s: float, end_s: float) -> "Pages":
        """The pages due in an interval."""
        return self._kept((self.due_s >= start_s) & (self.due_s < end_s))

    def _kept(self, kept: NDArray[np.bool_]) -> "Pages":
        return Pages(self.due_s[kept], self.session[kept], self.page[kept], self.device[kept], self.place[kept])


_SECOND = 1 << 24  # more than the sessions that can begin within a second


class Arrivals:
    """Sessions of a population: a geometric number of pages with log-normal pauses."""

    def __init__(self, population: Population, rate_at: Callable[[float], float], seed: int) -> None:
        """Prepare the draws.

        Args:
            population: the devices.
            rate_at: maps a second of the run to the wanted requests per second.
            seed: of all draws.
        """
        self._population, self._rate_at, self._seed = population, rate_at, seed

    def begun_in(self, second: int) -> Pages:
        """Pages of the sessions that begin within a second, which may be before the run."""
        generator = np.random.Generator(np.random.Philox(key=key_of(self._seed, second)))
        count = int(generator.poisson(self._rate_at(second + 0.5) / MEAN_PAGES))
        starts = second + np.sort(generator.random(count))
        devices = self._population.drawn(generator.random(count))
        pages = np.minimum(generator.geometric(1 - _GO_ON, count), MOST_PAGES)
        pauses = _THINK_MEDIAN_S * np.exp(_THINK_SIGMA * generator.standard_normal((count, MOST_PAGES - 1)))
        after = np.zeros((count, MOST_PAGES))
        np.cumsum(np.minimum(pauses, MOST_THINK_S), axis=1, out=after[:, 1:])
        place, page = np.nonzero(np.arange(MOST_PAGES) < pages[:, None])
        return Pages(
            due_s=starts[place] + after[place, page],
            session=(second + _EARLIEST) * _SECOND + place,
            page=page,
            device=devices[place],
            place=place,
        )


_EARLIEST = int(LONGEST_SESSION_S) + 1  # keeps the numbers of sessions that begin before the run non-negative
