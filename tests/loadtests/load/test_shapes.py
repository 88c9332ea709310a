from itertools import pairwise

import numpy as np
import pytest

from loadtests.load.shape import Act, Figure, Shape
from loadtests.load.shapes import SHAPES


def mean_rate(shape: Shape, start_s: float, end_s: float) -> float:
    return float(np.mean([shape.rate_at(one) for one in np.linspace(start_s, end_s - 1e-6, 2001)]))


@pytest.mark.parametrize("duration_s", [6.0, 60.0, 601.0])
@pytest.mark.parametrize("name", sorted(SHAPES))
def test_phases_follow_one_another_and_say_their_rates(name: str, duration_s: float) -> None:
    shape = SHAPES[name](80.0, duration_s)
    assert shape.name == name
    assert shape.phases[0].start_s == 0
    assert all(one.end_s == other.start_s for one, other in pairwise(shape.phases))
    assert all(one.start_s < one.end_s for one in shape.phases)
    assert shape.duration_s == pytest.approx(duration_s, rel=0.2)
    for phase in shape.phases:
        assert mean_rate(shape, phase.start_s, phase.end_s) == pytest.approx(phase.rate, rel=0.01)
    names = {phase.name for phase in shape.phases}
    assert {bound.phase for bound in shape.bounds} <= names
    assert all(0 < fault.second < duration_s for fault in shape.faults)


def test_steps_rise_by_a_seventh_or_so() -> None:
    shape = SHAPES["step"](80.0, 200.0)
    assert [phase.name for phase in shape.phases[:2]] == ["warming", "step 1"]
    rates = [phase.rate for phase in shape.steps]
    assert rates[0] == 40
    assert all(other / one == pytest.approx(1.15) for one, other in pairwise(rates))
    assert shape.to_knee


def test_a_day_asks_for_the_rate_on_the_mean() -> None:
    shape = SHAPES["day"](80.0, 240.0)
    assert mean_rate(shape, 0, 240) == pytest.approx(80, rel=0.01)
    assert [phase.name for phase in shape.phases] == ["night", "morning", "afternoon", "evening"]
    assert max(shape.phases, key=lambda phase: phase.rate).name == "evening"


def test_a_flash_is_ten_times_as_much_and_may_be_refused() -> None:
    shape = SHAPES["flash"](80.0, 100.0)
    assert [phase.rate for phase in shape.phases] == [80, 800, 80]
    for phase in ("flash", "after"):
        figures = {bound.figure for bound in shape.bounds if bound.phase == phase}
        assert not figures & {Figure.REFUSED, Figure.LATE}
        assert figures >= {Figure.FAILED, Figure.ENDED_IN_TIME, Figure.GOODPUT}


def test_where_nothing_may_be_refused_nothing_may_be_late() -> None:
    for make in SHAPES.values():
        shape = make(80.0, 100.0)
        by_figure = {
            figure: {bound.phase for bound in shape.bounds if bound.figure is figure}
            for figure in (Figure.REFUSED, Figure.LATE)
        }
        assert by_figure[Figure.REFUSED] == by_figure[Figure.LATE]


def test_faults_strike_at_the_edges_of_their_phase() -> None:
    outage = SHAPES["outage"](80.0, 90.0)
    assert [(one.second, one.act) for one in outage.faults] == [(30, Act.STOP_REDIS), (60, Act.START_REDIS)]
    swap = SHAPES["swap"](80.0, 100.0)
    assert [one.act for one in swap.faults] == [Act.SWAP_MODEL] * 3
    assert all(swap.phase_at(one.second).name == "swap" for one in swap.faults)


def test_only_the_cold_one_is_cold() -> None:
    assert [name for name, make in SHAPES.items() if make(80.0, 60.0).cold] == ["cold"]
