"""One text's part of an encoding."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.encoder.base import Encoding
from service.text.terms import Terms


class EmbeddedText(NamedTuple):
    """A text's row of every column of an `Encoding`."""

    vector: NDArray[np.float32]
    windows: NDArray[np.float32]
    tokens: int
    truncated: bool
    readable: bool
    terms: Terms


def split(encoding: Encoding) -> list[EmbeddedText]:
    """Split an encoding by text."""
    columns = encoding.tokens.tolist(), encoding.truncated.tolist(), encoding.readable.tolist()
    rows = zip(encoding.vectors, encoding.windows, *columns, encoding.terms, strict=True)
    return [EmbeddedText(*row) for row in rows]


def join(texts: Sequence[EmbeddedText], dimension: int = 0) -> Encoding:
    """Join texts to an encoding; `dimension` is that of the vectors if there are none."""
    vectors = np.stack([one.vector for one in texts]) if texts else np.zeros((0, dimension), dtype=np.float32)
    return Encoding(
        vectors=vectors,
        windows=[one.windows for one in texts],
        tokens=np.array([one.tokens for one in texts], dtype=np.int64),
        truncated=np.array([one.truncated for one in texts], dtype=np.bool_),
        readable=np.array([one.readable for one in texts], dtype=np.bool_),
        terms=[one.terms for one in texts],
    )
