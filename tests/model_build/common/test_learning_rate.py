import pytest

from model_build.common.learning_rate import cosine_schedule, linear_schedule


def test_the_cosine_schedule_rises_and_falls() -> None:
    rates = [cosine_schedule(step, 100, 10) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_the_linear_schedule_is_the_lesser_of_warm_up_and_decay() -> None:
    assert [linear_schedule(step, 10, 2, 8) for step in (0, 1, 2, 9)] == [0.5, 1.0, 1.0, 0.125]
    assert linear_schedule(5, 10, 2, 10) == 0.5
