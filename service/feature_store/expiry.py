"""How long an entry lives: lifetimes are shortened at random, so that entries of a batch do not expire at once."""

import random
from collections.abc import Callable
from dataclasses import dataclass

JITTER = 0.1


@dataclass(frozen=True)
class Lifetime:
    """A lifetime with jitter.

    Attributes:
        seconds: the longest.
        jitter: the fraction of it by which an entry's may be shorter.
        uniform: gives a number in [0, 1).
    """

    seconds: float
    jitter: float = 0.0
    uniform: Callable[[], float] = random.random

    def draw(self) -> float:
        """The lifetime of one entry, in seconds."""
        return self.seconds * (1 - self.jitter * self.uniform())
