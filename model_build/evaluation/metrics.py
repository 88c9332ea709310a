"""Ranking and classification metrics over plain arrays, and bootstrap intervals.

Tied scores count as the mean over all orders of the tie, so the order of a file has no influence, and a system that
gives every document the same score gets what chance gets. Scores are rounded to `SCORE_DECIMALS` first: a matrix
product of the same vectors differs by less than that between machines.
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
    """Ends of an interval."""

    low: float
    high: float


def ndcg_at_k(scores: Numbers, grades: Numbers, k: int = 10) -> float:
    """Normalised discounted cumulative gain of one query: gains 2^grade - 1, discount log2(rank + 1).

    Scores and grades are `[documents]`; a grade is at least 0. 1 is the ideal order; 0 is returned if no grade is
    positive. Documents with equal scores share the mean of their gains (McSherry and Najork, Computing information
    retrieval performance measures efficiently in the presence of tied scores, 2008).

    Source: Burges et al., Learning to rank using gradient descent, 2005.
    """
    gains = np.exp2(np.asarray(grades, dtype=np.float64)) - 1.0
    ideal = _discounted(np.sort(gains)[::-1][:k])
    if ideal == 0.0:
        return 0.0
    _, groups, sizes = np.unique(-np.round(scores, SCORE_DECIMALS), return_inverse=True, return_counts=True)
    shared = np.bincount(groups, weights=gains) / sizes
    return _discounted(np.repeat(shared, sizes)[:k]) / ideal


def hits_at_k(target_scores: Numbers, negative_scores: Numbers, k: int = 10) -> NDArray[np.float64]:
    """Probability that each target ranks in the top k among its negatives; the mean is the hit rate (HR@k).

    Scores are `[examples]` and `[examples, negatives]`; the result, `[examples]`, is 1 or 0, or between the two if
    negatives tie with the target.
    """
    targets, negatives = np.round(target_scores, SCORE_DECIMALS)[:, None], np.round(negative_scores, SCORE_DECIMALS)
    better, equal = (negatives > targets).sum(axis=1), (negatives == targets).sum(axis=1)
    return np.asarray(np.clip((k - better) / (equal + 1), 0.0, 1.0), dtype=np.float64)


def accuracy(predicted: NDArray[Any], expected: NDArray[Any]) -> float:
    """Share of correct predictions; 0 if there are none."""
    return float(np.mean(predicted == expected)) if len(expected) else 0.0


def spearman(left: Numbers, right: Numbers) -> float:
    """Spearman's rank correlation, from -1 to 1; 0 if a side is constant and it is undefined."""
    if len(left) < 2 or np.ptp(left) == 0.0 or np.ptp(right) == 0.0:
        return 0.0
    return float(spearmanr(left, right).statistic)


def roc_auc(scores: Numbers, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, 0 to 1: how often a positive example outscores a negative one, ties counted half.

    0.5 if a class is absent and the area (the Mann-Whitney statistic) is undefined.
    """
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if positives == 0 or negatives == 0:
        return 0.5
    ranks = rankdata(scores)[positive].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * negatives))


def bootstrap(statistic: Statistic, examples: int, *, seed: int, resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """Compute a statistic over samples of the examples, drawn with replacement (Efron, 1979): `[resamples]`.

    The statistic maps indices of examples, with repeats, to a value. An example is the unit of resampling: a query, a
    user's history, a labelled pair. Equal seed and number of examples give the same samples for every system.
    """
    if examples == 0:
        raise ValueError("an interval needs at least one example")
    draw = np.random.default_rng(seed)
    return np.array([statistic(draw.integers(0, examples, size=examples)) for _ in range(resamples)])


def percentile_interval(values: Numbers, level: float = 0.95) -> Interval:
    """The percentile interval of bootstrap samples: `level` of them lie between its ends."""
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return Interval(low=float(low), high=float(high))


def share_interval(own: Numbers, reference: Numbers, level: float = 0.95) -> Interval | None:
    """The interval of a ratio by the paired bootstrap: of one system's values and a reference's over the same samples.

    None if a sample's reference is not positive and there is no ratio.
    """
    return percentile_interval(own / reference, level) if bool(np.all(reference > 0.0)) else None


def _discounted(gains: NDArray[np.float64]) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())
