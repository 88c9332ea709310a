"""From scores to an order: pins first, then by score, or by score and novelty where diversity is asked for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.ranking.signals import Candidates


def arrange(
    totals: NDArray[np.float64],
    similarities: NDArray[np.float32] | None,
    *,
    pinned: Sequence[int] = (),
    top_n: int | None = None,
    diversity: float = 0.0,
) -> list[int]:
    """Put candidates in order.

    Args:
        totals: `[candidates]`, their scores.
        similarities: `[candidates, candidates]`, see `similarities_of`; needed only if `diversity` is above 0.
        pinned: candidates that come first, in this order.
        top_n: how many to return; None: all.
        diversity: 0 orders by score alone, 1 by novelty alone.

    Returns:
        Positions of candidates. Equals stay in the order in which they came.
    """
    wanted = len(totals) if top_n is None else min(top_n, len(totals))
    if wanted == 0:
        return []
    order = list(pinned[:wanted])
    if similarities is not None and diversity > 0:
        return _diversify(totals, similarities, order, wanted, diversity)
    taken = set(order)
    by_score = np.argsort(-totals, kind="stable").tolist()
    return (order + [one for one in by_score if one not in taken])[:wanted]


def similarities_of(candidates: Candidates, categories: Sequence[str | None]) -> NDArray[np.float32]:
    """How alike candidates are: `[candidates, candidates]`, the cosine of their vectors.

    Where one of a pair has no vector, their categories speak: 1 if both have the same one, else 0.
    """
    cosines: NDArray[np.float32] = candidates.vectors @ candidates.vectors.T
    if candidates.has_vector.all():
        return cosines
    numbers = {category: number for number, category in enumerate(dict.fromkeys(categories)) if category is not None}
    codes = np.array([-1 if category is None else numbers[category] for category in categories])
    same = (codes[:, None] == codes[None, :]) & (codes >= 0)[:, None]
    both = candidates.has_vector[:, None] & candidates.has_vector[None, :]
    return np.where(both, cosines, same.astype(np.float32))


def _diversify(
    totals: NDArray[np.float64], similarities: NDArray[np.float32], order: list[int], wanted: int, diversity: float
) -> list[int]:
    """Maximal marginal relevance: next comes what scores well and resembles least anything before it."""
    span = np.ptp(totals)
    relevance = (1 - diversity) * (totals - totals.min()) / span if span > 0 else np.zeros_like(totals)
    closest = similarities[order].max(axis=0, initial=0.0)
    relevance[order] = -np.inf  # what is placed is never chosen again
    while len(order) < wanted:
        chosen = int(np.argmax(relevance - diversity * closest))
        order.append(chosen)
        relevance[chosen] = -np.inf
        np.maximum(closest, similarities[chosen], out=closest)
    return order
