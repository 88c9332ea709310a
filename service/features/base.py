"""What is remembered of an item, and what every feature store is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from service.encoder.terms import NO_TERMS, Terms

DIGEST_BYTES = 16
_LARGEST_CODE = 127


class StoreUnavailableError(Exception):
    """The store did not answer in time, or not at all; the message names the kind of failure and holds no data."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is remembered of an item.

    A vector is kept in eight bits from the start, so that an item ranks the same whether it was embedded a moment ago
    or comes out of a store.

    Attributes:
        codes: int8, one a byte; the direction of the vector. Bytes, because many are joined faster than many arrays.
        text_digest: tells whether a text is the one that was embedded.
        terms: the words of its text.
        category: the item's category, if it has one.
    """

    codes: bytes
    text_digest: bytes
    terms: Terms = NO_TERMS
    category: str | None = None

    @classmethod
    def of(cls, vector: NDArray[np.float32], text: str, terms: Terms = NO_TERMS, category: str | None = None) -> Self:
        """What to remember of an item with that text, vector and words.

        Raises:
            ValueError: the vector is zero or not finite, and so has no direction.
        """
        largest = float(np.abs(vector).max(initial=0.0))
        if not (np.isfinite(largest) and largest > 0):
            raise ValueError("a vector must be finite and not zero")
        codes = np.rint(vector * (_LARGEST_CODE / largest)).astype(np.int8)
        return cls(codes=codes.tobytes(), text_digest=digest_of(text), terms=terms, category=category)


@dataclass(frozen=True)
class Lookup:
    """What a store knows of some items.

    Attributes:
        found: features by item id; an id that the store does not know is absent.
        complete: whether every tier answered; if not, some absent items may be known after all.
    """

    found: Mapping[str, Features]
    complete: bool = True


class FeatureStore(Protocol):
    """Remembers features by item id."""

    async def get_many(self, ids: Sequence[str]) -> Lookup:
        """Look items up, all at once."""

    async def put_many(self, items: Mapping[str, Features]) -> bool:
        """Remember items. Returns whether every tier took them."""


def digest_of(text: str) -> bytes:
    """A short fingerprint of a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def unit_vectors(features: Sequence[Features]) -> NDArray[np.float32]:
    """The vectors of some items: float32 `[items, dimension]`, each row of unit length."""
    codes = np.frombuffer(b"".join([one.codes for one in features]), dtype=np.int8)
    vectors = codes.reshape(len(features), -1).astype(np.float32)
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return vectors
