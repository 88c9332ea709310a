import math

import pytest

from loadtests.load.options import Options
from loadtests.load.shapes import SHAPES
from tests.loadtests.load.plans import options


def test_arguments_of_options_say_the_same() -> None:
    chosen = options("--rate", "12.5", "--gate-p99-ms", "70", "--shape", "flash")
    assert options(*chosen.to_arguments()) == chosen
    assert isinstance(chosen, Options)
    assert (chosen.shape, chosen.rate, chosen.gate_p99_ms, chosen.gate_sent) == ("flash", 12.5, 70, None)


def test_devices_say_a_deadline_unless_told_otherwise() -> None:
    assert options().deadline_s == 0.1
    assert options("--deadline-ms", "0").deadline_s == math.inf
    chosen = options("--deadline-ms", "250", "--knee", "400")
    assert options(*chosen.to_arguments()) == chosen
    assert (chosen.deadline_s, chosen.knee) == (0.25, 400)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_shape_can_be_chosen(name: str) -> None:
    assert options("--shape", name).shape == name


@pytest.mark.parametrize(
    "arguments",
    [
        ("--rate", "0"),
        ("--duration", "inf"),
        ("--devices", "0"),
        ("--items", "x"),
        ("--shape", "none"),
        ("--deadline-ms", "-1"),
        ("--deadline-ms", "60001"),
        ("--knee", "0"),
    ],
)
def test_nonsense_is_refused(arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(*arguments)
    assert arguments[0] in capsys.readouterr().err
