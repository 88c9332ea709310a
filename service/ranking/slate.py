"""From scores to an order: pins first, then by score, or by score and novelty where diversity is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.ranking.candidates import Candidates


@dataclass(frozen=True)
class SlateOptions:
    """How to arrange.

    Attributes:
        pinned: candidates that come first, in this order.
        top_n: how many to return; None: all.
        diversity: 0 orders by score alone, 1 by novelty alone.
        max_per_category: most of one category; None: any number. Pins count, and always stay.
    """

    pinned: Sequence[int] = ()
    top_n: int | None = None
    diversity: float = 0.0
    max_per_category: int | None = None


def build_slate(totals: NDArray[np.float64], candidates: Candidates, arrangement: SlateOptions) -> list[int]:
    """Put candidates in order.

    Args:
        totals: `[candidates]`, their scores.
        candidates: their vectors and categories.
        arrangement: how.

    Returns:
        Positions of candidates. Equals stay in the order in which they came. With `max_per_category`, those of a
        category that is full are left out.
    """
    wanted = len(totals) if arrangement.top_n is None else min(arrangement.top_n, len(totals))
    order = list(arrangement.pinned[:wanted])
    quota = _Quota(candidates.categories, arrangement.max_per_category)
    for pinned in order:
        quota.take(pinned)
    if arrangement.diversity > 0:
        return _diversify(totals, pairwise_similarities(candidates), quota, order, wanted, arrangement.diversity)
    taken = set(order)
    rest = [one for one in np.argsort(-totals, kind="stable").tolist() if one not in taken]
    if arrangement.max_per_category is not None:
        rest = [one for one in rest if quota.take_if_admitted(one)]
    return (order + rest)[:wanted]


def pairwise_similarities(candidates: Candidates) -> NDArray[np.float32]:
    """How alike candidates are: `[candidates, candidates]`, the cosine of their vectors.

    Where one of a pair has no vector, their categories speak: 1 if both have the same one, else 0.
    """
    cosines: NDArray[np.float32] = candidates.vectors @ candidates.vectors.T
    if candidates.has_vector.all():
        return cosines
    codes = _codes_of(candidates.categories)
    same = (codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]
    both = candidates.has_vector[:, None] & candidates.has_vector[None, :]
    return np.where(both, cosines, same.astype(np.float32))


def _codes_of(categories: Sequence[str | None]) -> NDArray[np.int64]:
    """Numbers in place of categories: int64 `[candidates]`, the same for the same one, -1 where there is none."""
    numbers = {category: number for number, category in enumerate(dict.fromkeys(categories)) if category is not None}
    return np.array([-1 if category is None else numbers[category] for category in categories], dtype=np.int64)


class _Quota:
    """Counts what is taken of each category; what has no category is not limited."""

    def __init__(self, categories: Sequence[str | None], most: int | None) -> None:
        self._columns = _codes_of(categories)
        self._codes, self._most = self._columns.tolist(), most
        self._taken = [0] * (1 + max(self._codes, default=-1))

    def take(self, candidate: int) -> None:
        code = self._codes[candidate]
        if code >= 0:
            self._taken[code] += 1

    def take_if_admitted(self, candidate: int) -> bool:
        admitted = self.admits(candidate)
        if admitted:
            self.take(candidate)
        return admitted

    def admits(self, candidate: int) -> bool:
        code = self._codes[candidate]
        return self._most is None or code < 0 or self._taken[code] < self._most

    def alike(self, candidate: int) -> NDArray[np.bool_]:
        """Which candidates are of the category of this one, which has one: bool `[candidates]`."""
        alike: NDArray[np.bool_] = self._columns == self._codes[candidate]
        return alike


def _diversify(
    totals: NDArray[np.float64],
    similarities: NDArray[np.float32],
    quota: _Quota,
    order: list[int],
    wanted: int,
    diversity: float,
) -> list[int]:
    """Maximal marginal relevance: next comes what scores well and resembles least anything before it.

    Carbonell and Goldstein, "The Use of MMR", SIGIR 1998.
    """
    if not len(totals):
        return order
    span = np.ptp(totals)
    relevance = (1 - diversity) * (totals - totals.min()) / span if span > 0 else np.zeros_like(totals)
    closest = similarities[order].max(axis=0, initial=0.0)
    relevance[order] = -np.inf  # what is placed is never chosen again
    for placed in order:
        if not quota.admits(placed):
            relevance[quota.alike(placed)] = -np.inf
    while len(order) < wanted:
        chosen = int(np.argmax(relevance - diversity * closest))
        if relevance[chosen] == -np.inf:
            break  # every category is full
        order.append(chosen)
        quota.take(chosen)
        relevance[chosen] = -np.inf
        if not quota.admits(chosen):
            relevance[quota.alike(chosen)] = -np.inf
        np.maximum(closest, similarities[chosen], out=closest)
    return order
