from collections import Counter

import numpy as np
import pytest

from loadtests.load.device import MOST_CANDIDATES, Population
from loadtests.load.randomness import uniforms


def test_a_device_is_what_its_number_and_the_seed_say() -> None:
    numbers = (0, 7, 999_999)
    first, second, other = (Population(1_000_000, 17, seed) for seed in (1, 1, 2))
    assert [first.device(one) for one in numbers] == [second.device(one) for one in numbers]
    assert first.device(7) != other.device(7)


def test_devices_differ_as_the_shares_say() -> None:
    population = Population(1_000_000, 17, seed=1)
    devices = [population.device(number) for number in range(0, 1_000_000, 500)]
    networks = Counter(one.network for one in devices)
    assert networks["wifi"] / len(devices) == pytest.approx(0.55, abs=0.05)
    assert {one.page_candidates for one in devices} == {20, 40, 60, MOST_CANDIDATES}
    assert {category for one in devices for category in one.interests} == set(range(17))
    assert all(0 <= one.history_length <= 50 for one in devices)
    assert {one.most_attempts for one in devices} == {1, 2, 3}


def test_activity_is_heavy_tailed() -> None:
    population = Population(10_000, 17, seed=1)
    drawn = population.drawn(uniforms(3, 200_000))
    sessions = np.sort(np.bincount(drawn, minlength=10_000))[::-1]
    assert sessions[:2000].sum() / 200_000 == pytest.approx(0.77, abs=0.02)
    assert sessions[:100].sum() / 200_000 == pytest.approx(0.35, abs=0.03)


def test_the_active_ones_are_those_that_say_so() -> None:
    population = Population(10_000, 17, seed=1)
    sessions = np.bincount(population.drawn(uniforms(3, 200_000)), minlength=10_000)
    most = [population.device(int(one)) for one in np.argsort(sessions)[-20:]]
    assert min(one.activity for one in most) > 40
    activities = [population.device(number).activity for number in range(10_000)]
    assert np.mean(activities) == pytest.approx(1)
    assert np.corrcoef(activities, sessions)[0, 1] > 0.95
