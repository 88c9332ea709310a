"""A request's candidates, history and query, as columns of facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.text.terms import IDF_SCALE, NO_TERMS, Terms

Action = Literal["click", "view", "purchase", "skip"]
Signal = NDArray[np.float64]


@dataclass(frozen=True)
class Words:
    """The words of several texts, concatenated.

    Attributes:
        hashes: uint16 `[words]`.
        idf: float64 `[words]`, about 0 to 1.5.
        owners: int64 `[words]`, the index of the word's text.
        places: int64 `[words]`, the word's position in its text.
        counts: int64 `[texts]`, number of words.
        repetition: float64 `[texts]`, 0 to 1; see `Terms`.
    """

    hashes: NDArray[np.uint16]
    idf: NDArray[np.float64]
    owners: NDArray[np.int64]
    places: NDArray[np.int64]
    counts: NDArray[np.int64]
    repetition: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Sequence[Terms]) -> "Words":
        """Concatenate the words of texts."""
        sizes = np.array([len(one.idf) for one in texts], dtype=np.int64)
        owners = np.repeat(np.arange(len(texts)), sizes)
        idf = np.frombuffer(b"".join([one.idf for one in texts]), dtype=np.uint8)
        return cls(
            hashes=np.frombuffer(b"".join([one.hashes for one in texts]), dtype="<u2"),
            idf=idf / IDF_SCALE,
            owners=owners,
            places=np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes),
            counts=sizes,
            repetition=np.array([one.repetition for one in texts], dtype=np.float64) / 255,
        )


@dataclass(frozen=True)
class Windows:
    """The vectors of the windows of several texts, concatenated.

    Attributes:
        vectors: float32 `[windows, dimension]`, unit rows.
        owners: int64 `[windows]`, the index of the window's text; ascending.
    """

    vectors: NDArray[np.float32]
    owners: NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """The input of the signals: a column a fact, a row a candidate.

    Attributes:
        vectors: float32 `[candidates, dimension]`, unit rows; zeros where there is no vector.
        has_vector: bool `[candidates]`; a candidate with a vector also has the words of its text.
        unreadable: bool `[candidates]`, whether it has a text of which the vocabulary knows no token.
        scores: float64 `[candidates]`, the backend's scores; NaN where absent.
        popularity: float64 `[candidates]`, how often it was taken lately, at least 0; NaN where absent.
        age_s: float64 `[candidates]`, seconds since it was new, or was last taken; NaN where absent.
    """

    vectors: NDArray[np.float32]
    has_vector: NDArray[np.bool_]
    windows: Windows
    words: Words
    unreadable: NDArray[np.bool_]
    ids: Sequence[str]
    categories: Sequence[str | None]
    scores: Signal
    popularity: Signal
    age_s: Signal

    def __len__(self) -> int:
        return len(self.has_vector)


@dataclass(frozen=True)
class Event:
    """Something the user did with an item.

    Attributes:
        vector: float32 `[dimension]`, the item's unit vector; None if unknown.
        age_s: seconds since then; None if unknown.
        order: number of later events; replaces an unknown age.
    """

    vector: NDArray[np.float32] | None
    action: Action
    age_s: float | None
    order: int
    terms: Terms = NO_TERMS
    item_id: str | None = None
    category: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything but an id is known of the item."""
        return self.vector is not None or self.category is not None


@dataclass(frozen=True)
class Query:
    """The user's query: its unit vector, float32 `[dimension]`, and its words."""

    vector: NDArray[np.float32]
    terms: Terms = NO_TERMS
