"""Lists of candidates with what each was worth: what weights are learned from, and measured on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model_build.evaluation.metrics import hits_at_k, ndcg_at_k
from service.ranking.scorer import score
from service.ranking.signals import SIGNALS

Metric = Literal["NDCG@10", "HR@10"]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class JudgedList:
    """A request's candidates.

    Attributes:
        signals: float64 `[candidates, signals]`, in the order of `SIGNALS`; NaN where unknown.
        gains: float64 `[candidates]`, what each was worth, at least 0; one of them is positive.
        group: whose list it is: a query or a user. Lists of one group are never both learned from and held out.
        source: the set that it is from.
    """

    signals: Matrix
    gains: Matrix
    group: str
    source: str

    def scores(self, weights: Mapping[str, float]) -> Matrix:
        """The candidates' scores, by the service's own scorer: float64 `[candidates]`."""
        return score(dict(zip(SIGNALS, self.signals.T, strict=True)), weights).totals

    def quality(self, weights: Mapping[str, float], metric: Metric) -> float:
        """How well weights order the list, 0 to 1; HR@10 asks for the candidate of the greatest gain."""
        scores = self.scores(weights)
        if metric == "NDCG@10":
            return ndcg_at_k(scores, np.log2(1.0 + self.gains))
        target = int(self.gains.argmax())
        return float(hits_at_k(scores[[target]], np.delete(scores, target)[None, :])[0])


def qualities(lists: Sequence[JudgedList], weights: Mapping[str, float], metric: Metric) -> Matrix:
    """How well weights order each list: float64 `[lists]`."""
    return np.array([one.quality(weights, metric) for one in lists])


def balance(lists: Sequence[JudgedList]) -> Matrix:
    """How much each list counts, so that every set counts the same: float64 `[lists]`, of sum 1."""
    _, sources, sizes = np.unique([one.source for one in lists], return_inverse=True, return_counts=True)
    shares: Matrix = 1.0 / (len(sizes) * sizes[sources])
    return shares
