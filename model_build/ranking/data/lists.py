"""Lists of candidates with signals and gains, to learn weights from and to measure them on."""

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
    """The candidates of a request.

    Attributes:
        signals: float64 `[candidates, signals]`, in the order of `SIGNALS`; NaN where unknown.
        gains: float64 `[candidates]`, at least 0, one of them positive.
        group: the list's query or user. Lists of one group are either learned from or held out.
        source: name of the list's set.
    """

    signals: Matrix
    gains: Matrix
    group: str
    source: str

    def scores(self, weights: Mapping[str, float]) -> Matrix:
        """The candidates' scores by the service's scorer: float64 `[candidates]`."""
        return score(dict(zip(SIGNALS, self.signals.T, strict=True)), weights).totals

    def quality(self, weights: Mapping[str, float], metric: Metric) -> float:
        """The metric of the list under weights, 0 to 1; HR@10 is that of the candidate with the greatest gain."""
        scores = self.scores(weights)
        if metric == "NDCG@10":
            return ndcg_at_k(scores, np.log2(1.0 + self.gains))
        target = int(self.gains.argmax())
        return float(hits_at_k(scores[[target]], np.delete(scores, target)[None, :])[0])


def qualities(lists: Sequence[JudgedList], weights: Mapping[str, float], metric: Metric) -> Matrix:
    """The metric of each list under weights: float64 `[lists]`."""
    return np.array([one.quality(weights, metric) for one in lists])


def balance(lists: Sequence[JudgedList]) -> Matrix:
    """Weights of the lists that give every set the same weight: float64 `[lists]`, of sum 1."""
    _, sources, sizes = np.unique([one.source for one in lists], return_inverse=True, return_counts=True)
    shares: Matrix = 1.0 / (len(sizes) * sizes[sources])
    return shares
