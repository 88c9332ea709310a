"""Scores: a weighted sum of signals, so that every score can be explained."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.ranking.candidates import Signal
from service.ranking.signals import neutralized

SCORE_DECIMALS = 6


@dataclass(frozen=True)
class Scores:
    """The scores of a request's candidates.

    Attributes:
        totals: float64 `[candidates]`, rounded to `SCORE_DECIMALS`: the last bits of a sum, which vary with the
            processor, should not decide an order.
        signals: by name; NaN where unknown.
        contributions: float64 `[signals, candidates]`, in the order of `signals`; those of a candidate add up to its
            total, except for its rounding.
    """

    totals: NDArray[np.float64]
    signals: Mapping[str, Signal]
    contributions: NDArray[np.float64]


def score(signals: Mapping[str, Signal], weights: Mapping[str, float]) -> Scores:
    """Sum signals by their weights; both have the same names."""
    column = np.array([weights[name] for name in signals])[:, None]
    # Adding zero turns negative zeros, which look odd in explanations, into positive ones.
    contributions = column * neutralized(np.array(list(signals.values()))) + 0.0
    return Scores(np.round(contributions.sum(axis=0), SCORE_DECIMALS), signals, contributions)
