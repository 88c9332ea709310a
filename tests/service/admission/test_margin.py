import random

import pytest

from service.admission.margin import Margin


def learned(errors: list[float], every_s: float = 0.01) -> Margin:
    margin = Margin()
    for number, error in enumerate(errors):
        margin.learn(error, 100 + number * every_s)
    return margin


def test_nothing_is_left_before_anything_is_known() -> None:
    assert Margin().seconds(5, 10) == 0


def test_nearly_all_keep_to_it() -> None:
    draw = random.Random(1)
    errors = [draw.expovariate(1 / 0.01) for _ in range(5000)]
    left = learned(errors).seconds(100 + 50, 10)
    assert 0.9 < sum(one <= left for one in errors) / len(errors) <= 1
    assert left < 0.15


def test_early_answers_need_no_margin() -> None:
    assert learned([-0.1] * 100).seconds(101, 10) == 0


def test_it_takes_a_part_of_the_time_that_there_is() -> None:
    margin = learned([2.0] * 200)
    assert margin.seconds(102, 0.1) == pytest.approx(0.05)
    assert 1.5 < margin.seconds(102, 60) < 3


def test_it_fades_while_nothing_is_learned() -> None:
    margin = learned([0.02] * 200)
    assert margin.seconds(102 + 200, 10) < 0.001
