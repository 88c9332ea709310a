import numpy as np
import pytest

from loadtests.load.arrivals import LONGEST_SESSION_S, MEAN_PAGES, MOST_PAGES, Arrivals
from loadtests.load.device import Population

POPULATION = Population(100_000, 17, seed=1)


def sessions(arrivals: Arrivals, seconds: int) -> np.ndarray:
    """The number of sessions that begin in each second."""
    return np.array([len(np.unique(arrivals.begun_in(second).session)) for second in range(seconds)])


def test_sessions_are_a_poisson_process() -> None:
    counts = sessions(Arrivals(POPULATION, lambda _: 60.0, seed=1), 2000)
    assert counts.mean() == pytest.approx(60 / MEAN_PAGES, rel=0.02)
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.1)
    assert abs(np.corrcoef(counts[:-1], counts[1:])[0, 1]) < 0.08


def test_its_rate_follows_the_shape() -> None:
    counts = sessions(Arrivals(POPULATION, lambda second: 30.0 if second < 300 else 300.0, seed=1), 600)
    assert counts[:300].mean() == pytest.approx(30 / MEAN_PAGES, rel=0.08)
    assert counts[300:].mean() == pytest.approx(300 / MEAN_PAGES, rel=0.03)


def test_a_session_is_some_pages_with_pauses() -> None:
    pages = Arrivals(POPULATION, lambda _: 3000.0, seed=1).begun_in(5)
    starts = pages.page == 0
    assert np.all((pages.due_s[starts] >= 5) & (pages.due_s[starts] < 6))
    lengths = np.bincount(pages.place)
    assert lengths.mean() == pytest.approx(MEAN_PAGES, rel=0.1)
    assert lengths.max() <= MOST_PAGES
    pauses = np.diff(pages.due_s)[np.diff(pages.place) == 0]
    assert np.median(pauses) == pytest.approx(3, rel=0.1)
    assert pauses.min() > 0
    assert pages.due_s.max() - 5 < LONGEST_SESSION_S + 1
    assert all(len(np.unique(pages.device[pages.place == place])) == 1 for place in range(20))


def test_a_second_is_the_same_in_every_process_and_seeds_differ() -> None:
    first, again, other = (Arrivals(POPULATION, lambda _: 90.0, seed).begun_in(-7) for seed in (1, 1, 2))
    assert first.due_s.tolist() == again.due_s.tolist()
    assert first.device.tolist() == again.device.tolist()
    assert first.due_s.tolist() != other.due_s.tolist()


def test_sessions_have_numbers_of_their_own() -> None:
    arrivals = Arrivals(POPULATION, lambda _: 90.0, seed=1)
    numbers = [set(arrivals.begun_in(second).session.tolist()) for second in range(-220, -200)]
    assert len(set.union(*numbers)) == sum(map(len, numbers))
    assert min(set.union(*numbers)) >= 0


def test_workers_share_sessions_evenly() -> None:
    arrivals = Arrivals(POPULATION, lambda _: 6.0, seed=1)
    parts = [sum(len(arrivals.begun_in(one).of_worker(worker, 2).due_s) for one in range(500)) for worker in (0, 1)]
    assert parts[0] / sum(parts) == pytest.approx(0.5, abs=0.05)
