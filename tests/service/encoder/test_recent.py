import numpy as np
from service.encoder.recent import RecentTexts

from service.metrics import Metrics


def test_the_latest_are_remembered_and_counted() -> None:
    metrics = Metrics()
    recent = RecentTexts(metrics, capacity=2)
    vectors = np.eye(3, dtype=np.float32)
    recent.put("a", vectors[0])
    recent.put("b", vectors[1])
    assert recent.get("a") is not None  # and is now the latest
    recent.put("c", vectors[2])
    assert recent.get("b") is None
    found = recent.get("a")
    assert found is not None
    np.testing.assert_array_equal(found, vectors[0])
    counted = {
        outcome: metrics.registry.get_sample_value(
            "edge_rank_cache_lookups_total", {"tier": "queries", "outcome": outcome}
        )
        for outcome in ("hit", "miss")
    }
    assert counted == {"hit": 2, "miss": 1}


def test_what_is_remembered_does_not_hold_its_batch() -> None:
    recent = RecentTexts(Metrics(), capacity=2)
    batch = np.ones((100, 8), dtype=np.float32)
    recent.put("a", batch[0])
    found = recent.get("a")
    assert found is not None
    assert found.base is None
