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
    """

    texts: int
    tokens: int
    seconds: float


RunListener = Callable[[Run], None]
