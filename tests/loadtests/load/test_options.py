import pytest

from loadtests.load.options import Options
from loadtests.load.shapes import SHAPES
from tests.loadtests.load.plans import options


def test_arguments_of_options_say_the_same() -> None:
    chosen = options("--rate", "12.5", "--gate-p99-ms", "70", "--shape", "flash")
    assert options(*chosen.to_arguments()) == chosen
    assert isinstance(chosen, Options)
    assert (chosen.shape, chosen.rate, chosen.gate_p99_ms, chosen.gate_sent) == ("flash", 12.5, 70, None)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_every_shape_can_be_chosen(name: str) -> None:
    assert options("--shape", name).shape == name


@pytest.mark.parametrize(
    "arguments", [("--rate", "0"), ("--duration", "inf"), ("--devices", "0"), ("--items", "x"), ("--shape", "none")]
)
def test_nonsense_is_refused(arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(*arguments)
    assert arguments[0] in capsys.readouterr().err
