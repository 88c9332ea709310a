import pytest

from loadtests.load.gates import covered, figure_of, judged, summed
from loadtests.load.recording import Phase, Second
from loadtests.load.shape import Bound, Figure


def second(number: int = 0) -> Second:
    made = Second(number, asked=10, sent=8, missed=2, answered=5, refused=2, failed=1)
    for _ in range(5):
        made.from_intended.add(0.04)
    return made


@pytest.mark.parametrize(
    ("figure", "value"), [(Figure.P99_MS, 40), (Figure.FAILED, 0.125), (Figure.REFUSED, 0.25), (Figure.SENT, 0.8)]
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
    first, second_, third = judged(bounds, {"one": second(), "two": second()})
    assert (first.name, first.passed) == ("one: p99 from the intended start, ms", True)
    assert not second_.passed
    assert (third.figure, third.passed) == (None, False)


def test_a_phase_covers_whole_seconds() -> None:
    assert list(covered(Phase("a", 2, 4, 1))) == [2, 3]
    assert list(covered(Phase("a", 2.5, 4.5, 1))) == [3, 4]
