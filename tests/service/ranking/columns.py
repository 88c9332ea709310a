"""Small candidates for tests of signals."""

from collections.abc import Sequence

import numpy as np

from service.ranking.candidates import Action, Candidates, Event, Windows, Words
from service.text.terms import NO_TERMS, Compound, Terms

EAST, NORTH, NOWHERE = (np.array(one, dtype=np.float32) for one in ([1, 0], [0, 1], [0, 0]))
Vector = np.ndarray[tuple[int], np.dtype[np.float32]]
_WORDS = ("red", "blue", "wine", "glass", "x1")


def terms(text: str, idf: int = 85, *, repetition: int = 0) -> Terms:
    """Words of `_WORDS`, all as rare as each other: half of the greatest idf of a piece."""
    return hashed([_WORDS.index(word) for word in text.split()], idf, repetition=repetition)


def hashed(hashes: Sequence[int], idf: int = 85, *, repetition: int = 0, compounds: Sequence[Compound] = ()) -> Terms:
    """Words of those hashes, all as rare as each other, and then compounds."""
    return Terms(
        np.array([*hashes, *(one.whole for one in compounds)], dtype="<u2").tobytes(),
        bytes([idf]) * len(hashes) + bytes(len(compounds)),
        repetition,
        tuple(compounds),
    )


def candidates(
    vectors: Sequence[Vector] = (EAST, NORTH, NOWHERE),
    *,
    texts: Sequence[Terms] | None = None,
    unreadable: Sequence[bool] | None = None,
    ids: Sequence[str] | None = None,
    categories: Sequence[str | None] | None = None,
    scores: Sequence[float] | None = None,
) -> Candidates:
    """By default east, north, and one that nobody knows; each is read at once, in one window."""
    count = len(vectors)
    unknown = np.full(count, np.nan)
    rows = np.stack(vectors) if count else np.zeros((0, 2), dtype=np.float32)
    has_vector = np.abs(rows).sum(axis=1) > 0
    return Candidates(
        vectors=rows,
        has_vector=has_vector,
        windows=Windows(rows[has_vector], np.flatnonzero(has_vector)),
        words=Words.of(texts or [NO_TERMS] * count),
        unreadable=np.zeros(count, dtype=np.bool_) if unreadable is None else np.array(unreadable),
        ids=ids or [str(place) for place in range(count)],
        categories=categories or [None] * count,
        scores=unknown if scores is None else np.array(scores, dtype=np.float64),
        popularity=unknown,
        age_s=unknown,
    )


def event(
    vector: Vector | None,
    action: Action = "click",
    order: int = 0,
    age_s: float | None = None,
    text: Terms = NO_TERMS,
    item_id: str | None = None,
    category: str | None = None,
) -> Event:
    return Event(vector, action, age_s, order, text, item_id, category)
