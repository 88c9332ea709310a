"""What every text encoder is: texts in, unit vectors and terms out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.encoder.terms import Terms


@dataclass(frozen=True)
class Encoding:
    """What is known of some texts, in their order.

    Attributes:
        vectors: float32 `[texts, dimension]`, each row of unit length.
        tokens: int64 `[texts]`, the pieces the model read of each text, `[CLS]` and `[SEP]` included.
        truncated: bool `[texts]`, whether a text was longer than the model reads.
        terms: the words of each text, for lexical signals; of a long text they reach further than the model reads.
    """

    vectors: NDArray[np.float32]
    tokens: NDArray[np.int64]
    truncated: NDArray[np.bool_]
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
