import pytest

from loadtests.load.gates import covered, figure_of, goodput_share, judged, summed
from loadtests.load.recording import Phase, Second
from loadtests.load.shape import Bound, Figure


def second(number: int = 0) -> Second:
    made = Second(number, asked=11, sent=9, missed=2, answered=5, in_time=4, refused=2, late=1, failed=1)
    made.ended_in_time = 6
    for _ in range(5):
        made.from_intended.add(0.04)
    return made


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (Figure.P99_MS, 40),
        (Figure.FAILED, 1 / 9),
        (Figure.REFUSED, 2 / 9),
        (Figure.LATE, 1 / 9),
        (Figure.SENT, 9 / 11),
        (Figure.ENDED_IN_TIME, 6 / 7),
    ],
)
def test_figures(figure: Figure, value: float) -> None:
    assert figure_of(figure, summed([second(), second(1)])) == pytest.approx(value, rel=0.01)
    assert figure_of(figure, Second(0)) is None


def test_gates_are_of_their_phases() -> None:
    bounds = [
        Bound(Figure.P99_MS, "one", most=50),
        Bound(Figure.SENT, "two", least=0.99),
        Bound(Figure.SENT, "no", least=0),
    ]
    first, second_, third = judged(bounds, {"one": [second()], "two": [second()]})
    assert (first.name, first.passed) == ("one: p99 from the intended start, ms", True)
    assert not second_.passed
    assert (third.figure, third.passed) == (None, False)


def test_goodput_is_a_share_of_what_the_knee_allows_and_of_what_was_asked() -> None:
    crowd = [Second(0, asked=100, in_time=18), Second(1, asked=100, in_time=20), Second(2, asked=5, in_time=5)]
    assert goodput_share(crowd, knee=20) == pytest.approx(43 / 45)
    assert goodput_share([], knee=20) is None


def test_goodput_has_a_gate_only_where_the_knee_is_known() -> None:
    bounds = [Bound(Figure.GOODPUT, "flash", least=0.9)]
    phases = {"flash": [Second(0, asked=100, in_time=17)]}
    assert judged(bounds, phases) == []
    (gate,) = judged(bounds, phases, knee=20.0)
    assert (gate.figure, gate.passed) == (0.85, False)


def test_a_phase_covers_whole_seconds() -> None:
    assert list(covered(Phase("a", 2, 4, 1))) == [2, 3]
    assert list(covered(Phase("a", 2.5, 4.5, 1))) == [3, 4]
