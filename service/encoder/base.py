"""The protocol of text encoders: texts to unit vectors and terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from service.text.terms import Terms


@dataclass(frozen=True)
class Encoding:
    """Encoded texts, in their order.

    Attributes:
        vectors: float32 `[texts, dimension]`, unit rows: the mean direction of each text's windows.
        windows: float32 `[windows, dimension]` of each text, unit rows; one window of a short text.
        tokens: int64 `[texts]`, number of tokens read, `[CLS]` and `[SEP]` of each window included.
        truncated: bool `[texts]`, whether the text exceeds its windows.
        readable: bool `[texts]`, whether the vocabulary knows any token of the text; if not, its vectors mean nothing.
        terms: the words of each text, for lexical signals.
    """

    vectors: NDArray[np.float32]
    windows: Sequence[NDArray[np.float32]]
    tokens: NDArray[np.int64]
    truncated: NDArray[np.bool_]
    readable: NDArray[np.bool_]
    terms: Sequence[Terms]


class Encoder(Protocol):
    """A text encoder: thread-safe and deterministic."""

    @property
    def revision(self) -> str:
        """Identifies the encoder; vectors of different revisions must never be compared."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> Encoding:
        """Embed texts, of which there may be none."""


class RowEncoder(Protocol):
    """Reads each text, or each pair jointly, as one row, for one task: thread-safe and deterministic.

    Attributes:
        cost: of a token, that of one of the served model being 1.
        max_length: most tokens of a row.
    """

    cost: float
    max_length: int

    def encode(self, inputs: Sequence[tuple[str, ...]]) -> Encoding:
        """Read inputs of one or two texts each, at least one; its `vectors` are what the task is decided by."""


class Row(NamedTuple):
    """A text, or a pair, for an encoder of its own."""

    encoder: RowEncoder
    texts: tuple[str, ...]


Input = str | Row
"""What is encoded: a text by the served model, or a row by its own encoder."""


def mean_direction(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Direction of the mean of unit vectors, or of the first if it is 0: `[windows, dimension]` -> `[dimension]`."""
    first: NDArray[np.float32] = windows[0]
    if len(windows) == 1:
        return first
    total: NDArray[np.float32] = windows.sum(axis=0)
    length = np.sqrt(total @ total)
    return total / length if length > 0 else first
