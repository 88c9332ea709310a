import numpy as np
import pytest

from loadtests.load.zipf import Zipf

NUMBERS = (np.arange(100_000) + 0.5) / 100_000


def test_the_second_is_asked_for_about_half_as_often_as_the_first() -> None:
    counts = np.bincount(Zipf(10_000).ranks(NUMBERS), minlength=10_000)
    assert counts[0] / counts[1] == pytest.approx(1.71, abs=0.02)  # log 2 / log 1.5
    assert counts[9] / counts[99] == pytest.approx(9.6, rel=0.1)


def test_shares_are_those_of_the_ranks() -> None:
    zipf = Zipf(1000, flat=5)
    ranks = zipf.ranks(NUMBERS)
    for first in (1, 10, 500, 1000):
        assert np.mean(ranks < first) == pytest.approx(zipf.share(first), abs=1e-4)
    assert sum(zipf.weight(rank) for rank in range(1000)) == pytest.approx(1000)


def test_one_number_gives_the_rank_that_it_gives_among_others() -> None:
    zipf = Zipf(50)
    assert [zipf.rank(one) for one in NUMBERS[::1000].tolist()] == zipf.ranks(NUMBERS[::1000]).tolist()
    assert zipf.rank(0.0) == 0
    assert zipf.rank(np.nextafter(1, 0)) == 49
