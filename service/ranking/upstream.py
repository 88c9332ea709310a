"""Signals of what the backend knows: its own order, and how popular and how fresh its candidates are."""

import numpy as np

from service.ranking.candidates import Signal

FRESHNESS_HALF_LIFE_S = 30 * 86_400.0
_NEUTRAL_SCORE = 0.5


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


def popularity(counts: Signal) -> Signal:
    """The logarithm of how often each was taken, as a share of the most popular one's: 0 to 1."""
    logarithms: Signal = np.log1p(counts)
    known = logarithms[~np.isnan(logarithms)]
    greatest = known.max(initial=0.0)
    return logarithms / greatest if greatest > 0 else np.where(np.isnan(counts), np.nan, 0.0)


def freshness(age_s: Signal) -> Signal:
    """1 for what is new, a half after `FRESHNESS_HALF_LIFE_S`."""
    signal: Signal = 0.5 ** (age_s / FRESHNESS_HALF_LIFE_S)
    return signal
