import pytest

from service.admission.rate import LearnedRate


def test_the_first_sample_takes_the_place_of_the_guess() -> None:
    rate = LearnedRate(1.0)
    assert rate.seconds(10) == 10
    rate.learn(100, 5)
    assert rate.seconds(10) == pytest.approx(0.5)


def test_it_follows_what_is_done() -> None:
    rate = LearnedRate(1.0)
    for _ in range(100):
        rate.learn(10, 1)
    for _ in range(100):
        rate.learn(10, 2)
    assert rate.seconds_per_unit == pytest.approx(0.2, rel=0.01)


def test_a_stall_says_little() -> None:
    rate = LearnedRate(1.0)
    for _ in range(3):
        rate.learn(10, 1)
    rate.learn(10, 1000)
    assert rate.seconds_per_unit < 0.14


def test_a_stall_of_the_very_first_is_soon_forgotten() -> None:
    rate = LearnedRate(1.0, typical_units=100)
    rate.learn(10, 1000)
    rate.learn(10, 1)
    assert rate.seconds_per_unit == pytest.approx(0.1)
    rate.learn(10, 1.2)
    assert rate.seconds_per_unit == pytest.approx(0.12)


def test_one_quick_sample_among_the_first_says_little() -> None:
    rate = LearnedRate(1.0)
    for seconds in (1, 1e-6, 1):
        rate.learn(10, seconds)
    assert rate.seconds_per_unit == pytest.approx(0.1)


def test_a_small_sample_counts_little() -> None:
    rate = LearnedRate(1.0, typical_units=100)
    for _ in range(3):
        rate.learn(100, 10)
    rate.learn(1, 0.4)
    assert rate.seconds_per_unit == pytest.approx(0.1, rel=0.01)


def test_nothing_done_says_nothing() -> None:
    rate = LearnedRate(1.0)
    rate.learn(0, 3)
    assert rate.seconds_per_unit == 1
