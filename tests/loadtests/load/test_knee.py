from dataclasses import replace

import pytest

from loadtests.load.knee import Step, gate_of, knee_of, settled, step_of
from loadtests.load.recording import Phase, Second

STEP = Step("step 1", 10.0, 9.0, 20.0, refused=0, missed=0, late=0, failed=0, held=True)
PHASE = Phase("step 3", 20, 50, 70.0)


def second(latency_s: float, **counts: int) -> Second:
    made = Second(0)
    for name, count in counts.items():
        setattr(made, name, count)
    made.from_intended.add(latency_s)
    return made


def test_a_step_is_judged_once_it_has_settled() -> None:
    assert (settled(PHASE).start_s, settled(PHASE).end_s) == (30, 50)


@pytest.mark.parametrize(
    ("whole", "held"),
    [
        (second(0.04), True),
        (second(0.06), False),
        (second(0.04, refused=1), False),
        (second(0.04, missed=1), False),
        (second(0.04, late=1), False),
        (second(0.04, failed=1), False),
        (Second(0), False),
    ],
)
def test_a_step_holds_if_all_is_answered_in_time(whole: Second, held: bool) -> None:
    step = step_of(PHASE, whole, 20, 50)
    assert step.held is held
    assert (step.phase, step.rate) == ("step 3", 70.0)


def test_what_was_asked_counts_by_the_second() -> None:
    assert step_of(PHASE, second(0.04, asked=1300), 20, 50).asked == 65


def test_the_knee_is_what_was_asked_before_the_first_that_does_not_hold() -> None:
    steps = [replace(STEP, asked=asked, held=held) for asked, held in ((1, True), (2, True), (3, False), (4, True))]
    assert knee_of(steps) == 2
    assert knee_of(steps[:1]) == 1
    assert knee_of(steps[2:]) is None
    assert gate_of(steps, 2).passed
    assert not gate_of(steps, 2.5).passed
    assert gate_of(steps, None).passed
    assert not gate_of(steps[2:], None).passed
    assert not gate_of([], None).passed
