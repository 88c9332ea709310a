"""Explanations of scores by the contributions of the signals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from service.ranking.scorer import Scores


@dataclass(slots=True)
class SignalContribution:
    """What one signal added to a score."""

    weight: float
    contribution: Annotated[float, Field(description="those of all signals add up to the score")]
    value: Annotated[
        float | None, Field(description="the signal; absent if unknown, which counts as the average of the others")
    ] = None


def explain(
    scores: Scores, weights: Mapping[str, float], candidates: Sequence[int]
) -> list[dict[str, SignalContribution]]:
    """The contribution of each signal to the scores of some candidates, by the signal's name.

    Many candidates at once, since reading single numbers from arrays is slow.
    """
    chosen = list(candidates)
    values = np.array(list(scores.signals.values()))[:, chosen].T
    known = np.where(np.isnan(values), None, values)  # type: ignore[call-overload]
    rows = zip(known.tolist(), scores.contributions[:, chosen].T.tolist(), strict=True)
    named = [(name, weights[name]) for name in scores.signals]
    return [
        {
            name: SignalContribution(weight, contribution, value)
            for (name, weight), value, contribution in zip(named, row, contributions, strict=True)
        }
        for row, contributions in rows
    ]
