import pytest

from model_build.common.format import duration, percent, size


def test_sizes_and_shares() -> None:
    assert (size(1_910_000), size(0)) == ("1.91 MB", "no model")
    assert (percent(0.9731), percent(None)) == ("97.3 %", "-")


@pytest.mark.parametrize(("seconds", "shown"), [(45.2, "45 s"), (725, "12 min 5 s"), (7380, "2 h 3 min")])
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
