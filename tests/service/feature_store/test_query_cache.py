import numpy as np

from service.feature_store.query_cache import QueryCache
from service.metrics.registry import Metrics
from service.ranking.candidates import Query
from service.text.terms import Terms

TERMS = Terms(b"\x01\x00", b"\x50")


def test_the_latest_are_remembered_and_counted() -> None:
    metrics = Metrics()
    recent = QueryCache(metrics, capacity=2)
    a, b, c = (Query(vector, TERMS) for vector in np.eye(3, dtype=np.float32))
    recent.put("a", a)
    recent.put("b", b)
    assert recent.get("a") is not None  # and is now the latest
    recent.put("c", c)
    assert recent.get("b") is None
    found = recent.get("a")
    assert found is not None
    np.testing.assert_array_equal(found.vector, a.vector)
    assert found.terms == TERMS
    counted = {
        outcome: metrics.registry.get_sample_value(
            "edge_rank_cache_lookups_total", {"tier": "queries", "outcome": outcome}
        )
        for outcome in ("hit", "miss")
    }
    assert counted == {"hit": 2, "miss": 1}


def test_what_is_remembered_does_not_hold_its_batch() -> None:
    recent = QueryCache(Metrics(), capacity=2)
    batch = np.ones((100, 8), dtype=np.float32)
    recent.put("a", Query(batch[0]))
    found = recent.get("a")
    assert found is not None
    assert found.vector.base is None
