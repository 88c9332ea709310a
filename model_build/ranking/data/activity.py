"""How often and how lately items were taken before a moment."""

import numpy as np
from numpy.typing import NDArray

from model_build.ranking.data.behaviour_set import Interactions

WINDOW_S = 30 * 86_400.0


class Activity:
    """Counts what was liked, of items at moments; only what happened before a moment counts for it."""

    def __init__(self, interactions: Interactions) -> None:
        liked = interactions.liked & ~np.isnan(interactions.times)
        items, times = interactions.items[liked], interactions.times[liked]
        order = np.lexsort((times, items))
        self._items, self._times = items[order], times[order]

    def popularity(self, items: NDArray[np.int64], moment: float) -> NDArray[np.float64]:
        """How often each was taken in the `WINDOW_S` before a moment: `[items]`; NaN where times are unknown."""
        if np.isnan(moment) or not len(self._times):
            return np.full(len(items), np.nan)
        before, since = (self._place(items, time) for time in (moment, moment - WINDOW_S))
        return (before - since).astype(np.float64)

    def age_s(self, items: NDArray[np.int64], moment: float) -> NDArray[np.float64]:
        """Seconds from when each was last taken before a moment to it: `[items]`; NaN where it never was."""
        if np.isnan(moment) or not len(self._times):
            return np.full(len(items), np.nan)
        last = self._place(items, moment) - 1
        known = (last >= 0) & (self._items[last] == items)
        return np.where(known, moment - self._times[last], np.nan)

    def _place(self, items: NDArray[np.int64], moment: float) -> NDArray[np.int64]:
        """The place of the first event of each item that is not before a moment, or of the next item."""
        starts, ends = (np.searchsorted(self._items, items, side=side) for side in ("left", "right"))
        return np.array(
            [start + np.searchsorted(self._times[start:end], moment) for start, end in zip(starts, ends, strict=True)],
            dtype=np.int64,
        )
