"""The vectors of queries that were asked lately: many users ask the same. In process alone, by the text's digest."""

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from service.features.base import digest_of
from service.metrics import Metrics


class RecentTexts:
    """Remembers the vectors of the last `capacity` texts. Used from the event loop alone, so it takes no lock."""

    def __init__(self, metrics: Metrics, *, capacity: int) -> None:
        self._capacity = capacity
        self._vectors: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._hits = metrics.cache_lookups.labels("queries", "hit")
        self._misses = metrics.cache_lookups.labels("queries", "miss")

    def get(self, text: str) -> NDArray[np.float32] | None:
        """The vector of a text, if it is remembered."""
        digest = digest_of(text)
        vector = self._vectors.get(digest)
        if vector is None:
            self._misses.inc()
            return None
        self._hits.inc()
        self._vectors.move_to_end(digest)
        return vector

    def put(self, text: str, vector: NDArray[np.float32]) -> None:
        """Remember the vector of a text."""
        digest = digest_of(text)
        self._vectors[digest] = vector.copy()  # a row would keep its whole batch in memory
        self._vectors.move_to_end(digest)
        if len(self._vectors) > self._capacity:
            self._vectors.popitem(last=False)
