"""Popularity: few are asked for often, most hardly ever (Zipf 1949, with Mandelbrot's flat top).

What has rank r is asked for in proportion to 1 / (r + flat), in closed form both ways, so that no table of a million
weights is kept.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Zipf:
    """A distribution over ranks.

    Attributes:
        count: of ranks, from 0.
        flat: the first so many ranks are about equally popular.
    """

    count: int
    flat: float = 1.0

    @property
    def spread(self) -> float:
        """The logarithm of how many times as popular the first rank is as the last."""
        return math.log1p(self.count / self.flat)

    def rank(self, number: float) -> int:
        """The rank of a number in [0, 1): the inverse of the distribution."""
        return min(int(self.flat * math.expm1(number * self.spread)), self.count - 1)

    def ranks(self, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """The rank of each number in [0, 1)."""
        places = self.flat * np.expm1(numbers * self.spread)
        return np.minimum(places.astype(np.int64), self.count - 1)

    def share(self, first: int) -> float:
        """What share falls to so many of the first ranks."""
        return math.log1p(first / self.flat) / self.spread

    def weight(self, rank: int) -> float:
        """How often a rank comes, as a multiple of the mean over ranks."""
        return self.count * (self.share(rank + 1) - self.share(rank))
