import pytest

from loadtests.report.plot import ABSENT, Line, Panel, Plot, number


def test_a_plot_in_words() -> None:
    panel = Panel("processor", "cores", [Line("service", [0.5, None, 1.25]), Line("Redis", [0.1])])
    assert (
        Plot("p", "P", "", [panel]).alternative == "processor, cores: service from 0.5 to 1.25; Redis from 0.1 to 0.1."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ABSENT),
        (0, "0"),
        (0.01234, "0.0123"),
        (12.345, "12.3"),
        (99.96, "100"),
        (1234.5, "1,234"),
        (-250.4, "-250"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text
