"""Quality measures over plain arrays, and their intervals.

Equal scores never help: in every ranking measure a less relevant document goes before a more relevant one of the same
score, so a system that gives every document one score earns nothing from the order of a file. Scores are rounded to
`SCORE_DECIMALS` first, because a matrix product of the same vectors differs by less than that between machines.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

SCORE_DECIMALS = 6
RESAMPLES = 1000

Numbers = NDArray[np.number[Any]]
Indexes = NDArray[np.int64]
Statistic = Callable[[Indexes], float]


@dataclass(frozen=True)
class Interval:
    """The central part of a bootstrap distribution."""

    low: float
    high: float


def ndcg_at_k(scores: Numbers, grades: Numbers, k: int = 10) -> float:
    """Normalised discounted cumulative gain of one query: gains 2^grade - 1, discount log2(rank + 1).

    Source: Burges et al., Learning to rank using gradient descent, 2005.

    Args:
        scores: `[documents]`, higher is better.
        grades: `[documents]`, relevance from 0 upwards.
        k: ranks that count.

    Returns:
        From 0 to 1, where 1 is the best order possible; 0 where no grade is positive.
    """
    gains = np.exp2(np.asarray(grades, dtype=np.float64)) - 1.0
    ideal = _discounted(np.sort(gains)[::-1][:k])
    if ideal == 0.0:
        return 0.0
    order = np.lexsort((gains, -np.round(scores, SCORE_DECIMALS)))
    return _discounted(gains[order][:k]) / ideal


def hits_at_k(target_scores: Numbers, negative_scores: Numbers, k: int = 10) -> NDArray[np.float64]:
    """Whether each target is among the best k of itself and its negatives; the mean is the hit rate (HR@k).

    Args:
        target_scores: `[examples]`.
        negative_scores: `[examples, negatives]`.
        k: ranks that count.

    Returns:
        `[examples]`, 1 or 0. A negative of the target's score goes before it.
    """
    targets = np.round(target_scores, SCORE_DECIMALS)[:, None]
    better = (np.round(negative_scores, SCORE_DECIMALS) >= targets).sum(axis=1)
    return np.asarray(better < k, dtype=np.float64)


def accuracy(predicted: NDArray[Any], expected: NDArray[Any]) -> float:
    """Share of the predictions that are right; 0 for none."""
    return float(np.mean(predicted == expected)) if len(expected) else 0.0


def spearman(left: Numbers, right: Numbers) -> float:
    """Spearman's rank correlation, from -1 to 1; 0 where a side is constant and the correlation is not defined."""
    if len(left) < 2 or np.ptp(left) == 0.0 or np.ptp(right) == 0.0:
        return 0.0
    return float(spearmanr(left, right).statistic)


def roc_auc(scores: Numbers, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often a positive example outscores a negative one, ties counted half.

    Returns:
        From 0 to 1 (the Mann-Whitney statistic); 0.5 where either class is absent and the area is not defined.
    """
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if positives == 0 or negatives == 0:
        return 0.5
    ranks = rankdata(scores)[positive].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * negatives))


def bootstrap_interval(
    statistic: Statistic, examples: int, *, seed: int, resamples: int = RESAMPLES, level: float = 0.95
) -> Interval:
    """Percentile bootstrap (Efron 1979): the statistic over samples of the examples, drawn with replacement.

    Args:
        statistic: the figure over the examples whose indexes it is given, repeats included. An example is whatever is
            drawn as one: a query, a user's history, a pair with its label.
        examples: how many examples there are.
        seed: of the draws; the same seed and number of examples draw the same samples for every system.
        resamples: how many samples.
        level: share of the samples' figures between the ends.
    """
    if examples == 0:
        raise ValueError("an interval needs at least one example")
    draw = np.random.default_rng(seed)
    figures = [statistic(draw.integers(0, examples, size=examples)) for _ in range(resamples)]
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(figures, [tail, 1.0 - tail])
    return Interval(low=float(low), high=float(high))


def _discounted(gains: NDArray[np.float64]) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())
