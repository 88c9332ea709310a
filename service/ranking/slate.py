"""The slate, from scores to an order: pins first, then by score, or by score and novelty if diversity is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.ranking.candidates import Candidates
from service.ranking.category_quota import CategoryQuota
from service.ranking.diversification import diversify, pairwise_similarities


@dataclass(frozen=True)
class SlateOptions:
    """Options of a slate.

    Attributes:
        pinned: candidates that come first, in this order.
        top_n: length of the slate; None: all candidates.
        diversity: 0 orders by score alone, 1 by novelty alone.
        max_per_category: most of one category; None: no limit. Pins count, and always stay.
    """

    pinned: Sequence[int] = ()
    top_n: int | None = None
    diversity: float = 0.0
    max_per_category: int | None = None


def build_slate(totals: NDArray[np.float64], candidates: Candidates, options: SlateOptions) -> list[int]:
    """Order candidates by scores, `[candidates]`; returns their positions.

    Equal scores keep the order of the request. With `max_per_category`, candidates of full categories are left out.
    """
    wanted = len(totals) if options.top_n is None else min(options.top_n, len(totals))
    order = list(options.pinned[:wanted])
    quota = CategoryQuota(candidates.categories, options.max_per_category)
    for pinned in order:
        quota.take(pinned)
    if options.diversity > 0:
        return diversify(totals, pairwise_similarities(candidates), quota, order, wanted, options.diversity)
    taken = set(order)
    rest = [one for one in np.argsort(-totals, kind="stable").tolist() if one not in taken]
    if options.max_per_category is not None:
        rest = [one for one in rest if quota.take_if_admitted(one)]
    return (order + rest)[:wanted]
