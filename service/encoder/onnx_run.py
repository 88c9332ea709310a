"""The figures of one run of an ONNX graph, apart from `onnx`, which imports ONNX Runtime."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One run of the graph.

    Attributes:
        texts: number of texts.
        tokens: number of tokens, padding included.
        seconds: duration.
        unknown: number of unknown tokens.
    """

    texts: int
    tokens: int
    seconds: float
    unknown: int


RunListener = Callable[[Run], None]
