"""The signals: each says, for every candidate at once, one thing that speaks for or against it.

A signal is float64 `[candidates]`, NaN where it is not known. `neutralized` then gives a candidate whose signal is
unknown what the others have on average, so that not knowing moves it neither up nor down.

    query_similarity     cosine with the query, -1 to 1
    history_similarity   cosine with what the user clicked, viewed or bought, recent events more, -1 to 1
    skip_similarity      cosine with what the user skipped, recent events more, -1 to 1
    upstream_score       the backend's score, its least in the request at 0, its greatest at 1
    upstream_position    the place the backend gave, 1 / log2(2 + index), 1 to 0
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Action = Literal["click", "view", "purchase", "skip"]
Signal = NDArray[np.float64]

ACTION_WEIGHTS: dict[Action, float] = {"purchase": 1.0, "click": 0.6, "view": 0.3, "skip": 1.0}
HALF_LIFE_S = 7 * 86_400.0
DECAY_PER_EVENT = 0.8
_NEUTRAL_SCORE = 0.5


@dataclass(frozen=True)
class Event:
    """Something the user did with an item.

    Attributes:
        vector: float32 `[dimension]`, the item's unit vector.
        action: what the user did.
        age_s: how long ago, in seconds, if that is known.
        order: how many later events there are; stands in for the age where that is unknown.
    """

    vector: NDArray[np.float32]
    action: Action
    age_s: float | None
    order: int


@dataclass(frozen=True)
class Candidates:
    """What the signals look at.

    Attributes:
        vectors: float32 `[candidates, dimension]`, unit rows; a row of zeros where there is no vector.
        has_vector: bool `[candidates]`.
        scores: float64 `[candidates]`, the backend's scores; NaN where it gave none.
    """

    vectors: NDArray[np.float32]
    has_vector: NDArray[np.bool_]
    scores: Signal


def compute_signals(
    candidates: Candidates, query: NDArray[np.float32] | None, history: Sequence[Event]
) -> dict[str, Signal]:
    """Every signal of `service.ranking.weights.SIGNALS`, NaN where it is not known."""
    liked = [event for event in history if event.action != "skip"]
    skipped = [event for event in history if event.action == "skip"]
    return {
        "query_similarity": _similarity(candidates, query),
        "history_similarity": _similarity(candidates, taste_of(liked)),
        "skip_similarity": _similarity(candidates, taste_of(skipped)),
        "upstream_score": upstream_score(candidates.scores),
        "upstream_position": upstream_position(len(candidates.scores)),
    }


def taste_of(events: Sequence[Event]) -> NDArray[np.float32] | None:
    """The weighted mean of what events were about: `[dimension]`. None without events.

    It is not brought to unit length: the product with it is then the mean of the cosines with the events, and mixed
    tastes speak more softly than a single one.
    """
    weights = np.array([ACTION_WEIGHTS[event.action] * recency(event) for event in events])
    total = weights.sum()
    if total <= 0:
        return None
    vectors = np.stack([event.vector for event in events])
    mean: NDArray[np.float32] = ((weights / total) @ vectors).astype(np.float32)
    return mean


def recency(event: Event) -> float:
    """1 for an event that has just happened, less for an older one."""
    if event.age_s is None:
        return float(DECAY_PER_EVENT**event.order)
    return float(0.5 ** (event.age_s / HALF_LIFE_S))


def upstream_score(scores: Signal) -> Signal:
    """Scores between the least (0) and the greatest (1) of the request; all alike: a half each."""
    known = scores[~np.isnan(scores)]
    if known.size == 0:
        return scores
    least, greatest = known.min(), known.max()
    # Halves are subtracted: the distance of two finite scores may itself not be finite.
    span = greatest / 2 - least / 2
    if span == 0:
        return np.where(np.isnan(scores), np.nan, _NEUTRAL_SCORE)
    scaled: Signal = (scores / 2 - least / 2) / span
    return scaled


def upstream_position(candidates: int) -> Signal:
    """1 for the first candidate, falling ever more slowly."""
    signal: Signal = 1 / np.log2(2 + np.arange(candidates, dtype=np.float64))
    return signal


def neutralized(signal: Signal) -> Signal:
    """The signal with what is unknown at the mean of what is known; if nothing is known, 0 for all."""
    unknown = np.isnan(signal)
    neutral = 0.0 if unknown.all() else float(signal[~unknown].mean())
    return np.where(unknown, neutral, signal)


def _similarity(candidates: Candidates, to: NDArray[np.float32] | None) -> Signal:
    if to is None:
        return np.full(len(candidates.has_vector), np.nan)
    return np.where(candidates.has_vector, (candidates.vectors @ to).astype(np.float64), np.nan)
