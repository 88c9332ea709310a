"""What every text encoder is: texts in, unit vectors and terms out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.text.terms import Terms


@dataclass(frozen=True)
class Encoding:
    """What is known of some texts, in their order.

    Attributes:
        vectors: float32 `[texts, dimension]`, each row of unit length: the direction of the mean of the text's windows.
        windows: of each text, float32 `[windows, dimension]`, rows of unit length: one where the model reads the text
            at once, more where it is longer.
        tokens: int64 `[texts]`, the pieces the model read of each text, `[CLS]` and `[SEP]` of each window included.
        truncated: bool `[texts]`, whether a text was longer than all its windows.
        readable: bool `[texts]`, whether the vocabulary knows any piece of a text; the windows of one that it does not
            know say nothing.
        terms: the words of each text, for lexical signals.
    """

    vectors: NDArray[np.float32]
    windows: Sequence[NDArray[np.float32]]
    tokens: NDArray[np.int64]
    truncated: NDArray[np.bool_]
    readable: NDArray[np.bool_]
    terms: Sequence[Terms]


class Encoder(Protocol):
    """A text encoder. Implementations are thread-safe and deterministic: the same text gives the same vector."""

    @property
    def revision(self) -> str:
        """Names the encoder; vectors of different revisions must never be compared, those of one may always be."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> Encoding:
        """Embed texts. An empty sequence gives an empty encoding."""


def mean_direction(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The direction of the mean of unit vectors: `[windows, dimension]` -> `[dimension]`.

    Of two that are opposite there is none: then that of the first.
    """
    first: NDArray[np.float32] = windows[0]
    if len(windows) == 1:
        return first
    total: NDArray[np.float32] = windows.sum(axis=0)
    length = np.sqrt(total @ total)
    return total / length if length > 0 else first
