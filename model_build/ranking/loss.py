"""The listwise softmax loss: ListNet's top-one cross-entropy.

It is the cross-entropy between each candidate's share of the list's gain and the softmax of the scores. All lists are
stored in one matrix, one after the other.

Source: Cao et al., Learning to rank: from pairwise approach to listwise approach, 2007.
"""

from collections.abc import Sequence

import numpy as np

from model_build.ranking.data.lists import JudgedList, Matrix, balance
from service.ranking.signals import neutralized


class ListwiseLoss:
    """The mean loss over lists, with equal weight for every set."""

    def __init__(self, lists: Sequence[JudgedList]) -> None:
        """Put the lists, at least one, into a matrix."""
        sizes = np.array([len(one.gains) for one in lists])
        self._starts = np.cumsum(sizes) - sizes
        self._owners = np.repeat(np.arange(len(lists)), sizes)
        signals = np.concatenate([neutralized(one.signals.T).T for one in lists])
        spans = np.maximum.reduceat(signals, self._starts) - np.minimum.reduceat(signals, self._starts)
        # A signal that is constant within every list has no influence on the softmax.
        self._informed = np.flatnonzero((spans > 0).any(axis=0))
        self._signals = np.ascontiguousarray(signals[:, self._informed])
        self._counts = balance(lists)
        self._shares = np.concatenate(
            [count * one.gains / one.gains.sum() for count, one in zip(self._counts, lists, strict=True)]
        )
        self._expected = self._shares @ self._signals

    def __call__(self, weights: Matrix) -> tuple[float, Matrix]:
        """The loss, in nats, and its gradient: float64 `[signals]`."""
        informed = weights[self._informed]
        scores = self._signals @ informed
        greatest = np.maximum.reduceat(scores, self._starts)
        powers = np.exp(scores - greatest[self._owners])
        sums = np.add.reduceat(powers, self._starts)
        loss = float(self._counts @ (greatest + np.log(sums)) - self._expected @ informed)
        powers *= (self._counts / sums)[self._owners]
        gradient = np.zeros(len(weights))
        gradient[self._informed] = powers @ self._signals - self._expected
        return loss, gradient
