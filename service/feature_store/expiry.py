"""Lifetimes with jitter, so that entries that were written together do not expire together."""

import random
from collections.abc import Callable
from dataclasses import dataclass

JITTER = 0.1


@dataclass(frozen=True)
class Lifetime:
    """A lifetime with jitter.

    Attributes:
        seconds: the longest.
        jitter: fraction by which an entry's may be shorter.
        uniform: returns a number in [0, 1).
    """

    seconds: float
    jitter: float = 0.0
    uniform: Callable[[], float] = random.random

    def draw(self) -> float:
        """The lifetime of one entry, in seconds."""
        return self.seconds * (1 - self.jitter * self.uniform())
