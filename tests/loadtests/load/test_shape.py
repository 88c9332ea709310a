import pytest

from loadtests.load.recording import Phase
from loadtests.load.shape import Shape

SHAPE = Shape(
    "some",
    curve=[(0, 10), (20, 30), (20, 100), (30, 100), (40, 0)],
    phases=[Phase("up", 0, 20, 20), Phase("high", 20, 40, 75)],
    bounds=(),
)


@pytest.mark.parametrize(
    ("second", "rate"),
    [(-9, 10), (0, 10), (10, 20), (19.99, 29.99), (20, 100), (29, 100), (35, 50), (40, 0), (99, 0)],
)
def test_the_rate_follows_straight_lines_between_points(second: float, rate: float) -> None:
    assert SHAPE.rate_at(second) == pytest.approx(rate)


def test_phases() -> None:
    assert SHAPE.duration_s == 40
    assert [SHAPE.phase_at(second).name for second in (-1, 0, 19.9, 20, 39, 41)] == ["up"] * 3 + ["high"] * 3
