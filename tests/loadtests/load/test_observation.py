import os
import time

import pytest

from loadtests.load.observation import Observer, figures_of, rates
from service.metrics.registry import Metrics


def test_figures_are_read_off_the_services_metrics() -> None:
    metrics = Metrics()
    metrics.cache_lookups.labels("memory", "hit").inc(5)
    metrics.cache_lookups.labels("redis", "miss").inc(2)
    metrics.cache_lookups.labels("redis", "corrupt").inc(1)
    metrics.refused.labels("overloaded").inc(2)
    metrics.refused.labels("queue_full").inc(1)
    metrics.refused.labels("unauthorized").inc(4)
    metrics.degraded.labels("feature_store").inc(6)
    metrics.queue_tokens.set(70)
    figures = figures_of(metrics.exposition().decode())
    assert figures["cache_memory_hits_total"] == 5
    assert figures["cache_redis_misses_total"] == 3
    assert figures["shed_total"] == 3
    assert figures["degraded_answers_total"] == 6
    assert figures["queue_tokens"] == 70
    assert {"requests_in_flight", "encoded_texts_total", "redis_errors_total", "model_swaps_total"} <= set(figures)


def test_two_looks_give_what_happened_in_between() -> None:
    before = {"service_cpu_s": 4.0, "shed_total": 10.0, "service_bytes": 5.0, "queue_tokens": 7.0}
    now = {"service_cpu_s": 4.5, "shed_total": 12.0, "service_bytes": 6.0, "queue_tokens": 0.0, "load_cpu_s": 3.0}
    assert rates(before, now, seconds=0.5) == {
        "service_cores": 1.0,
        "shed": 2.0,
        "service_bytes": 6.0,
        "queue_tokens": 0.0,
        "load_cores": 0.0,
    }


def test_a_counter_that_began_anew_counts_nothing() -> None:
    assert rates({"shed_total": 10.0}, {"shed_total": 1.0}, seconds=1) == {"shed": 0.0}


def test_processes_are_looked_at_while_the_block_lasts() -> None:
    with Observer("http://127.0.0.1:9", load=os.getpid, redis=lambda: None, service=lambda: 2**22 + 1) as observer:
        started_at = time.time()
        while len(observer.by_second(started_at)) < 2:
            time.sleep(0.05)
    seen = list(observer.by_second(started_at).values())[-1]
    assert seen["load_bytes"] > 1e6
    assert 0 <= seen["load_cores"] < 64
    assert seen["load_descriptors"] >= 3
    assert seen["service_bytes"] == seen["service_descriptors"] == 0
    assert "redis_bytes" not in seen


@pytest.mark.parametrize("text", ["", "# HELP nothing"])
def test_a_host_that_is_not_the_service_has_no_figures(text: str) -> None:
    assert figures_of(text) == {}
