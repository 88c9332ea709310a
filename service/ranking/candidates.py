"""What is known of a request's candidates and of the user's history, a column a fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.text.terms import NO_TERMS, IDF_SCALE, Terms

Action = Literal["click", "view", "purchase", "skip"]
Signal = NDArray[np.float64]


@dataclass(frozen=True)
class Words:
    """The words of several texts, all in a line; of one word, the same place in all columns.

    Attributes:
        hashes: uint16 `[words]`.
        idf: float64 `[words]`, about 0 to 1.5.
        owners: int64 `[words]`, whose word it is: the place of its text.
        places: int64 `[words]`, its place in its text.
        counts: int64 `[texts]`, how many words each text has.
        repetition: float64 `[texts]`, how far each says the same words over and over, 0 to 1.
    """

    hashes: NDArray[np.uint16]
    idf: NDArray[np.float64]
    owners: NDArray[np.int64]
    places: NDArray[np.int64]
    counts: NDArray[np.int64]
    repetition: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Sequence[Terms]) -> "Words":
        """The words of texts."""
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
    """The vectors of the windows of several texts, all in a line; of one window, the same place in all columns.

    Attributes:
        vectors: float32 `[windows, dimension]`, unit rows.
        owners: int64 `[windows]`, whose window it is: the place of its text; ascending.
    """

    vectors: NDArray[np.float32]
    owners: NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """What the signals look at; a column a fact, a row a candidate.

    Attributes:
        vectors: float32 `[candidates, dimension]`, unit rows; a row of zeros where there is no vector.
        has_vector: bool `[candidates]`; one that has a vector has words too, if there are any in its text.
        windows: of their texts.
        words: of the candidates' texts.
        unreadable: bool `[candidates]`, whether there is a text of which the vocabulary knows nothing.
        ids: of each.
        categories: of each; None where it has none.
        scores: float64 `[candidates]`, the backend's scores; NaN where it gave none.
        popularity: float64 `[candidates]`, how often each was taken lately, at least 0; NaN where that was not told.
        age_s: float64 `[candidates]`, seconds since each was new, or was last taken; NaN where that was not told.
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
        vector: float32 `[dimension]`, the item's unit vector; None where nobody knows it.
        action: what the user did.
        age_s: how long ago, in seconds, if that is known.
        order: how many later events there are; stands in for the age where that is unknown.
        terms: the words of the item's text.
        item_id: of the item, if the event named one.
        category: of the item, if that is known.
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
        """Whether it says anything: of an item that nobody knows, an id says nothing."""
        return self.vector is not None or self.category is not None


@dataclass(frozen=True)
class Query:
    """What the user looks for.

    Attributes:
        vector: float32 `[dimension]`, of unit length.
        terms: its words.
    """

    vector: NDArray[np.float32]
    terms: Terms = NO_TERMS
