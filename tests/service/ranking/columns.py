"""Small candidates for tests of signals."""

from collections.abc import Sequence

import numpy as np

from service.encoder.terms import NO_TERMS, Terms
from service.ranking.candidates import Action, Candidates, Event, Words

EAST, NORTH, NOWHERE = (np.array(one, dtype=np.float32) for one in ([1, 0], [0, 1], [0, 0]))
Vector = np.ndarray[tuple[int], np.dtype[np.float32]]
_WORDS = ("red", "blue", "wine", "glass", "x1")


def terms(text: str, rarity: int = 85) -> Terms:
    """Words of `_WORDS`, all as rare as each other: half of the greatest rarity of a piece."""
    words = [_WORDS.index(word) for word in text.split()]
    return Terms(np.array(words, dtype="<u2").tobytes(), bytes([rarity]) * len(words))


def candidates(
    vectors: Sequence[Vector] = (EAST, NORTH, NOWHERE),
    *,
    texts: Sequence[Terms] | None = None,
    ids: Sequence[str] | None = None,
    categories: Sequence[str | None] | None = None,
    scores: Sequence[float] | None = None,
) -> Candidates:
    """By default east, north, and one that nobody knows."""
    count = len(vectors)
    unknown = np.full(count, np.nan)
    rows = np.stack(vectors) if count else np.zeros((0, 2), dtype=np.float32)
    return Candidates(
        vectors=rows,
        has_vector=np.abs(rows).sum(axis=1) > 0,
        words=Words.of(texts or [NO_TERMS] * count),
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
