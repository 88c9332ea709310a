"""The vectors and words of recent queries, by the digest of their texts: many users ask the same."""

from collections import OrderedDict
from dataclasses import replace

from service.feature_store.features import digest_of
from service.metrics.registry import Metrics
from service.ranking.candidates import Query


class QueryCache:
    """An LRU cache of `capacity` queries. Used from the event loop alone, so it takes no lock."""

    def __init__(self, metrics: Metrics, *, capacity: int) -> None:
        self._capacity = capacity
        self._queries: OrderedDict[bytes, Query] = OrderedDict()
        self._hits = metrics.cache_lookups.labels("queries", "hit")
        self._misses = metrics.cache_lookups.labels("queries", "miss")

    def get(self, text: str) -> Query | None:
        """The cached query with a text."""
        digest = digest_of(text)
        query = self._queries.get(digest)
        if query is None:
            self._misses.inc()
            return None
        self._hits.inc()
        self._queries.move_to_end(digest)
        return query

    def put(self, text: str, query: Query) -> None:
        """Cache a query."""
        digest = digest_of(text)
        self._queries[digest] = replace(query, vector=query.vector.copy())  # a row would keep its whole batch in memory
        self._queries.move_to_end(digest)
        if len(self._queries) > self._capacity:
            self._queries.popitem(last=False)
