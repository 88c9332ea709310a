"""From signals to scores: a weighted sum, so that every score can be taken apart again."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.ranking.signals import Signal, neutralized

SCORE_DECIMALS = 6


@dataclass(frozen=True)
class Scores:
    """The scores of a request's candidates and what they are made of.

    Attributes:
        totals: float64 `[candidates]`, rounded to `SCORE_DECIMALS`: the last bits of a sum, which vary with the
            processor, should not decide an order.
        signals: by name, as computed: NaN where unknown.
        contributions: by name, float64 `[candidates]`; they add up to the total within its rounding.
    """

    totals: NDArray[np.float64]
    signals: Mapping[str, Signal]
    contributions: Mapping[str, NDArray[np.float64]]


def score(signals: Mapping[str, Signal], weights: Mapping[str, float]) -> Scores:
    """Weigh signals; `weights` names exactly the signals given."""
    # Adding zero turns a negative zero, which reads oddly in an explanation, into a plain one.
    contributions = {name: weights[name] * neutralized(signal) + 0.0 for name, signal in signals.items()}
    totals = np.sum(list(contributions.values()), axis=0)
    return Scores(totals=np.round(totals, SCORE_DECIMALS), signals=signals, contributions=contributions)
