"""Popularity and recency of items at a point in time."""

import numpy as np
from numpy.typing import NDArray

from model_build.ranking.data.behaviour_set import Interactions

WINDOW_S = 30 * 86_400.0


class Activity:
    """Counts likes of items; a query at a time uses the events before it only."""

    def __init__(self, interactions: Interactions) -> None:
        liked = interactions.liked & ~np.isnan(interactions.times)
        items, times = interactions.items[liked], interactions.times[liked]
        order = np.lexsort((times, items))
        self._items, self._times = items[order], times[order]

    def popularity(self, items: NDArray[np.int64], moment: float) -> NDArray[np.float64]:
        """Likes of each item in the last `WINDOW_S` before a time: float64 `[items]`; NaN if times are unknown."""
        if np.isnan(moment) or not len(self._times):
            return np.full(len(items), np.nan)
        before, since = (self._place(items, time) for time in (moment, moment - WINDOW_S))
        return (before - since).astype(np.float64)

    def age_s(self, items: NDArray[np.int64], moment: float) -> NDArray[np.float64]:
        """Seconds since each item's last like before a time: float64 `[items]`; NaN if there was none."""
        if np.isnan(moment) or not len(self._times):
            return np.full(len(items), np.nan)
        last = self._place(items, moment) - 1
        known = (last >= 0) & (self._items[last] == items)
        return np.where(known, moment - self._times[last], np.nan)

    def _place(self, items: NDArray[np.int64], moment: float) -> NDArray[np.int64]:
        """Index of each item's first event that is not before a time, or of the next item's first event."""
        starts, ends = (np.searchsorted(self._items, items, side=side) for side in ("left", "right"))
        return np.array(
            [start + np.searchsorted(self._times[start:end], moment) for start, end in zip(starts, ends, strict=True)],
            dtype=np.int64,
        )
