"""Diversification by maximal marginal relevance (Carbonell and Goldstein, "The Use of MMR", SIGIR 1998)."""

import numpy as np
from numpy.typing import NDArray

from service.ranking.candidates import Candidates
from service.ranking.category_quota import CategoryQuota, category_codes


def diversify(
    totals: NDArray[np.float64],
    similarities: NDArray[np.float32],
    quota: CategoryQuota,
    order: list[int],
    wanted: int,
    diversity: float,
) -> list[int]:
    """Append to `order`, the slate so far, the candidates that score well and resemble no earlier one; returns it.

    Given scores `[candidates]`, similarities `[candidates, candidates]`, a quota with the slate counted, the slate's
    final length (it stays shorter if every category is full), and the weight of novelty against the score, 0 to 1.
    """
    if not len(totals):
        return order
    span = np.ptp(totals)
    relevance = (1 - diversity) * (totals - totals.min()) / span if span > 0 else np.zeros_like(totals)
    closest = similarities[order].max(axis=0, initial=0.0)
    relevance[order] = -np.inf  # what is placed is never chosen again
    for placed in order:
        if not quota.admits(placed):
            relevance[quota.same_category(placed)] = -np.inf
    while len(order) < wanted:
        chosen = int(np.argmax(relevance - diversity * closest))
        if relevance[chosen] == -np.inf:
            break  # every category is full
        order.append(chosen)
        quota.take(chosen)
        relevance[chosen] = -np.inf
        if not quota.admits(chosen):
            relevance[quota.same_category(chosen)] = -np.inf
        np.maximum(closest, similarities[chosen], out=closest)
    return order


def pairwise_similarities(candidates: Candidates) -> NDArray[np.float32]:
    """The cosines of all pairs of candidates: `[candidates, candidates]`.

    If one of a pair has no vector, 1 if both have the same category, else 0.
    """
    cosines: NDArray[np.float32] = candidates.vectors @ candidates.vectors.T
    if candidates.has_vector.all():
        return cosines
    codes = category_codes(candidates.categories)
    same = (codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]
    both = candidates.has_vector[:, None] & candidates.has_vector[None, :]
    return np.where(both, cosines, same.astype(np.float32))
