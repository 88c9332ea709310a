"""Why a candidate has its score."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from service.ranking.scorer import Scores


@dataclass(frozen=True)
class Contribution:
    """What one signal added to a score.

    Attributes:
        value: the signal; None if it is not known of the candidate, which then got what the others have on average.
        weight: how much the signal counts.
        contribution: what it added; those of all signals add up to the score.
    """

    value: float | None
    weight: float
    contribution: float


def explain(scores: Scores, weights: Mapping[str, float], candidate: int) -> dict[str, Contribution]:
    """The contribution of each signal to a candidate's score, by the signal's name."""
    explanation = {}
    for name, contributions in zip(scores.signals, scores.contributions, strict=True):
        value = float(scores.signals[name][candidate])
        explanation[name] = Contribution(
            value=None if math.isnan(value) else value,
            weight=weights[name],
            contribution=float(contributions[candidate]),
        )
    return explanation
