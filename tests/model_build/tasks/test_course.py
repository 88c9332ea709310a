from itertools import pairwise

import torch

from model_build.tasks.course import Course


def course(steps: int) -> Course:
    return Course([torch.tensor(float(step)) for step in range(steps)])


def test_a_long_training_is_summed_up_in_50_parts() -> None:
    curve = course(1200).curve
    assert len(curve) == 50
    assert (curve[0], curve[-1]) == ((24, 11.5), (1200, 1187.5))


def test_the_parts_of_other_numbers_of_steps_are_as_equal_as_can_be() -> None:
    curve = course(1234).curve
    ends = [0, *(step for step, _ in curve)]
    assert ends[-1] == 1234
    assert {after - before for before, after in pairwise(ends)} == {24, 25}


def test_a_short_training_keeps_every_step() -> None:
    assert course(3).curve == [(1, 0.0), (2, 1.0), (3, 2.0)]
    assert course(0).curve == []
