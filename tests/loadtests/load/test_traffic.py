import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from loadtests.load.arrivals import Arrivals
from loadtests.load.device import Population
from loadtests.load.traffic import Census, traffic


def arrivals(rate: float = 50.0, seed: int = 1, devices: int = 100_000) -> Arrivals:
    return Arrivals(Population(devices, 17, seed), lambda _: rate, seed)


def test_requests_come_in_order_at_the_rate_from_the_first_second_on() -> None:
    requests = list(traffic(arrivals(), 400))
    assert all(one.due_s <= other.due_s for one, other in pairwise(requests))
    counts = np.bincount([int(one.due_s) for one in requests], minlength=400)
    assert counts.mean() == pytest.approx(50, rel=0.04)
    assert counts[:20].mean() == pytest.approx(50, rel=0.2)
    assert requests[-1].due_s < 400


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_traffic_does_not_depend_on_the_number_of_workers(workers: int) -> None:
    parts = [list(traffic(arrivals(), 60, worker, workers)) for worker in range(workers)]
    assert sorted(one for part in parts for one in part) == list(traffic(arrivals(), 60))
    assert all(parts)


def test_another_seed_is_other_traffic() -> None:
    assert list(traffic(arrivals(seed=1), 20)) != list(traffic(arrivals(seed=2), 20))


def test_a_long_run_of_a_million_devices_takes_no_more_memory_than_a_short_one() -> None:
    requests = traffic(arrivals(rate=200.0, devices=1_000_000), 1e9)
    tracemalloc.start()
    peaks = []
    for _ in range(3):
        for _ in range(10_000):
            next(requests)
        peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert peaks[2] < 1.1 * peaks[0]
    assert peaks[2] < 3e6


def test_the_census_counts_what_all_workers_do() -> None:
    requests = list(traffic(arrivals(devices=500), 40))
    census = Census(arrivals(devices=500), 500)
    census.count_until(40)
    # A session may have begun before the run and go on behind its end only.
    assert census.sessions == pytest.approx(len({one.session for one in requests}), rel=0.01)
    assert census.seen_devices == pytest.approx(len({one.device for one in requests}), rel=0.01)


def test_the_census_may_be_asked_on_the_way() -> None:
    census, at_once = (Census(arrivals(devices=500), 500) for _ in range(2))
    seen = []
    for second in range(41):
        census.count_until(second)
        seen.append(census.seen_devices)
    at_once.count_until(40)
    assert seen == sorted(seen)
    assert (census.sessions, census.seen_devices) == (at_once.sessions, at_once.seen_devices)
