"""What is known of one run of a model's graph."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One run of the graph.

    Attributes:
        texts: how many shared it.
        tokens: how many it computed, padding included.
        seconds: how long it took.
        unknown: how many of the tokens stand for a word that the vocabulary has no pieces for.
    """

    texts: int
    tokens: int
    seconds: float
    unknown: int


RunListener = Callable[[Run], None]
