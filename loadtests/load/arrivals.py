"""When sessions begin: a Poisson process whose rate follows a shape, second by second, and how each of them goes on.

A second's sessions are drawn from a generator of their own, keyed by the seed and the second: each worker draws the
same ones in whatever order, and takes its part.
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
    """The pages of all sessions that begin within a second, a column each.

    Attributes:
        due_s: when each is asked for, since the run began.
        session: number of its session, the same in every process.
        page: its number within the session, from 0.
        device: whose session it is.
        place: of its session within the second.
    """

    due_s: NDArray[np.float64]
    session: NDArray[np.int64]
    page: NDArray[np.int64]
    device: NDArray[np.int64]
    place: NDArray[np.int64]

    def of_worker(self, worker: int, workers: int) -> "Pages":
        """Those of one worker of so many."""
        # The second is in the session's number: where few sessions come, the first worker does not get all of them.
        return self._kept((self.session // _SECOND + self.place) % workers == worker)

    def within(self, start_s: float, end_s: float) -> "Pages":
        """Those that are due in a stretch of the run."""
        return self._kept((self.due_s >= start_s) & (self.due_s < end_s))

    def _kept(self, kept: NDArray[np.bool_]) -> "Pages":
        return Pages(self.due_s[kept], self.session[kept], self.page[kept], self.device[kept], self.place[kept])


_SECOND = 1 << 24  # more sessions than may begin within a second


class Arrivals:
    """Sessions of a population: some pages each, a geometric number, with log-normal pauses between them."""

    def __init__(self, population: Population, rate_at: Callable[[float], float], seed: int) -> None:
        """Draw nothing yet.

        Args:
            population: whose devices come.
            rate_at: requests a second that are wanted, by the second since the run began.
            seed: of all draws.
        """
        self._population, self._rate_at, self._seed = population, rate_at, seed

    def begun_in(self, second: int) -> Pages:
        """The pages of the sessions that begin within a second, which may be before the run."""
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


_EARLIEST = int(LONGEST_SESSION_S) + 1  # so that numbers of sessions that begin before the run are not negative
