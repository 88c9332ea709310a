"""What is remembered of a text: vectors in eight bits, and words."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from service.encoder.base import mean_direction
from service.text.terms import NO_TERMS, Terms

DIGEST_BYTES = 16
_LARGEST_CODE = 127


@dataclass(frozen=True, slots=True)
class Features:
    """What is remembered of an item or a text.

    A vector is kept in eight bits from the start, so that an item ranks the same whether it was embedded a moment ago
    or comes out of a store.

    Attributes:
        codes: int8, one a byte; the directions of the vectors of the text's windows, one after the other. Bytes,
            because many are joined faster than many arrays.
        text_digest: of the text that was embedded.
        terms: the words of its text.
        category: the item's category, if it has one; a text has none.
        windows: how many there are.
    """

    codes: bytes
    text_digest: bytes
    terms: Terms = NO_TERMS
    category: str | None = None
    windows: int = 1

    @classmethod
    def of(cls, windows: NDArray[np.float32], text: str, terms: Terms = NO_TERMS, category: str | None = None) -> Self:
        """What to remember of an item with that text, those windows (`[windows, dimension]`) and words.

        Raises:
            ValueError: a vector is zero or not finite, and so has no direction.
        """
        largest = np.abs(windows).max(axis=1, initial=0.0)
        if not (np.isfinite(largest).all() and (largest > 0).all()):
            raise ValueError("a vector must be finite and not zero")
        codes = np.rint(windows * (_LARGEST_CODE / largest)[:, None]).astype(np.int8)
        return cls(codes.tobytes(), digest_of(text), replace(terms, compounds=()), category, len(windows))


def digest_of(text: str) -> bytes:
    """A short fingerprint of a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def window_vectors(features: Sequence[Features]) -> NDArray[np.float32]:
    """The vectors of some items' windows, one item after the other: float32 `[windows, dimension]`, unit rows."""
    codes = np.frombuffer(b"".join([one.codes for one in features]), dtype=np.int8)
    vectors = codes.reshape(sum([one.windows for one in features]), -1).astype(np.float32)
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return vectors


def unit_vectors(features: Sequence[Features], windows: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """One vector an item, the direction of the mean of its windows: float32 `[items, dimension]`, rows of unit length.

    Args:
        features: of the items.
        windows: their `window_vectors`, where they are there already.
    """
    windows = window_vectors(features) if windows is None else windows
    if len(windows) == len(features):
        return windows
    starts = np.cumsum([0, *[one.windows for one in features[:-1]]])
    return np.stack(
        [mean_direction(windows[start : start + one.windows]) for start, one in zip(starts, features, strict=True)]
    )
