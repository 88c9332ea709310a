"""Signals from the backend: its order and scores, and the popularity and age of candidates."""

import numpy as np

from service.ranking.candidates import Signal

FRESHNESS_HALF_LIFE_S = 30 * 86_400.0
_NEUTRAL_SCORE = 0.5


def upstream_score(scores: Signal) -> Signal:
    """Scores scaled to 0 to 1 within the request; a half each if all are equal."""
    known = scores[~np.isnan(scores)]
    if known.size == 0:
        return scores
    least, greatest = known.min(), known.max()
    # Halves are subtracted because the difference of two finite scores may overflow.
    span = greatest / 2 - least / 2
    if span == 0:
        return np.where(np.isnan(scores), np.nan, _NEUTRAL_SCORE)
    scaled: Signal = (scores / 2 - least / 2) / span
    return scaled


def upstream_position(candidates: int) -> Signal:
    """Reciprocal log of the position: 1 for the first candidate."""
    signal: Signal = 1 / np.log2(2 + np.arange(candidates, dtype=np.float64))
    return signal


def popularity(counts: Signal) -> Signal:
    """The logarithm of counts, relative to the greatest: 0 to 1."""
    logarithms: Signal = np.log1p(counts)
    known = logarithms[~np.isnan(logarithms)]
    greatest = known.max(initial=0.0)
    return logarithms / greatest if greatest > 0 else np.where(np.isnan(counts), np.nan, 0.0)


def freshness(age_s: Signal) -> Signal:
    """Exponential decay with the age: 1 for a new item, a half after `FRESHNESS_HALF_LIFE_S`."""
    signal: Signal = 0.5 ** (age_s / FRESHNESS_HALF_LIFE_S)
    return signal
