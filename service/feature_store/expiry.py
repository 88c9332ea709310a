"""Lifetimes with jitter, so that entries that were written together do not expire together."""

import random
from collections.abc import Callable
from dataclasses import dataclass

JITTER = 0.1


@dataclass(frozen=True)
class Lifetime:
    """A lifetime; that of an entry may be shorter by a fraction of `jitter`."""

    seconds: float
    jitter: float = 0.0
    uniform: Callable[[], float] = random.random

    def draw(self) -> float:
        """The lifetime of one entry, in seconds."""
        return self.seconds * (1 - self.jitter * self.uniform())
