"""Features of a text: its vectors, quantized to eight bits, and its words."""

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
    """The features of an item or a text.

    Vectors are quantized from the start, so that an item ranks the same whether it was embedded just now or stored.

    Attributes:
        codes: int8 vectors of the text's windows, concatenated. As bytes, because many are joined faster than arrays.
        category: of the item; None of a text.
        windows: their number.
    """

    codes: bytes
    text_digest: bytes
    terms: Terms = NO_TERMS
    category: str | None = None
    windows: int = 1

    @classmethod
    def of(cls, windows: NDArray[np.float32], text: str, terms: Terms = NO_TERMS, category: str | None = None) -> Self:
        """Quantize the vectors of a text's windows, float32 `[windows, dimension]`.

        Raises:
            ValueError: a vector is zero or not finite, and so has no direction.
        """
        largest = np.abs(windows).max(axis=1, initial=0.0)
        if not (np.isfinite(largest).all() and (largest > 0).all()):
            raise ValueError("a vector must be finite and not zero")
        codes = np.rint(windows * (_LARGEST_CODE / largest)[:, None]).astype(np.int8)
        return cls(codes.tobytes(), digest_of(text), replace(terms, compounds=()), category, len(windows))


def digest_of(text: str) -> bytes:
    """BLAKE2b of a text: 16 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def window_vectors(features: Sequence[Features]) -> NDArray[np.float32]:
    """The vectors of all windows, item after item: float32 `[windows, dimension]`, unit rows."""
    codes = np.frombuffer(b"".join([one.codes for one in features]), dtype=np.int8)
    vectors = codes.reshape(sum([one.windows for one in features]), -1).astype(np.float32)
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return vectors


def unit_vectors(features: Sequence[Features], windows: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """The mean direction of each item's windows, read if not given: float32 `[items, dimension]`, unit rows."""
    windows = window_vectors(features) if windows is None else windows
    if len(windows) == len(features):
        return windows
    starts = np.cumsum([0, *[one.windows for one in features[:-1]]])
    return np.stack(
        [mean_direction(windows[start : start + one.windows]) for start, one in zip(starts, features, strict=True)]
    )
