"""The Zipf-Mandelbrot distribution of popularity.

Rank r has probability proportional to 1 / (r + flat). The distribution and its inverse have closed forms, so no table
is needed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Zipf:
    """A distribution over ranks.

    Attributes:
        count: number of ranks, from 0.
        flat: number of first ranks that are about equally popular.
    """

    count: int
    flat: float = 1.0

    @property
    def spread(self) -> float:
        """Logarithm of the ratio between the first and the last rank's popularity."""
        return math.log1p(self.count / self.flat)

    def rank(self, number: float) -> int:
        """The rank of a number in [0, 1): the inverse of the distribution."""
        return min(int(self.flat * math.expm1(number * self.spread)), self.count - 1)

    def ranks(self, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """The rank of each number in [0, 1)."""
        places = self.flat * np.expm1(numbers * self.spread)
        return np.minimum(places.astype(np.int64), self.count - 1)

    def share(self, first: int) -> float:
        """Share of a number of first ranks."""
        return math.log1p(first / self.flat) / self.spread

    def weight(self, rank: int) -> float:
        """Popularity of a rank relative to the mean."""
        return self.count * (self.share(rank + 1) - self.share(rank))
