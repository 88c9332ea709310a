import pytest

from loadtests.load.recording import Recording
from loadtests.report.plot import Line, Plot
from loadtests.report.plots import plots_of
from loadtests.report.stretch import windows
from tests.loadtests.recordings import recording, run, second


def made(of: Recording) -> dict[str, Plot]:
    return {one.name: one for one in plots_of(windows(of), of.run.phases)}


def lines(plot: Plot) -> dict[str, Line]:
    return {line.name: line for panel in reversed(plot.panels) for line in panel.lines}


def test_every_line_has_a_value_a_window() -> None:
    for plot in made(recording()).values():
        assert all(len(line.values) == 12 for panel in plot.panels for line in panel.lines)


def test_latencies_from_the_intended_start_stand_beside_those_from_the_send() -> None:
    intended, sent = made(recording())["latency"].panels
    assert [line.name for line in intended.lines] == ["p50", "p95", "p99", "p99.9"]
    assert [line.values[0] for line in intended.lines] == pytest.approx([20.0] * 4, rel=0.01)
    assert [line.values[7] for line in sent.lines] == pytest.approx([100.0] * 4, rel=0.01)


def test_asked_against_achieved() -> None:
    rate = lines(made(recording())["rate"])
    assert {name: (line.values[0], line.values[7]) for name, line in rate.items()} == {
        "the shape's mean": (8.0, 40.0),
        "asked": (12, 12),
        "sent": (11, 11),
        "answered": (8, 8),
        "in time": (7, 7),
    }


def test_troubles_and_what_was_observed() -> None:
    plots = made(recording())
    assert {name: line.values[0] for name, line in lines(plots["troubles"]).items()} == {
        "refused": 2,
        "retried": 1,
        "missed": 1,
        "late": 1,
        "failed": 0,
        "given up": 2,
        "degraded": 1,
    }
    assert {name: line.values[0] for name, line in lines(plots["cache"]).items()} == {
        "queries": 25,
        "memory": 90,
        "Redis": 70,
    }
    assert [[line.values[0] for line in panel.lines] for panel in plots["processes"].panels] == [
        [0.5, 0.05, 0.25],
        [160, 20, 90],
        [3],
    ]


def test_what_has_no_value_is_left_out() -> None:
    assert made(recording(0)) == {}
    silent = Recording(run(), [second(0, answered=0, observed=False)])
    assert set(made(silent)) == {"rate", "troubles"}


def test_a_second_without_answers_is_a_gap() -> None:
    gap = Recording(run(), [second(0), second(1, answered=0), second(2)])
    values = lines(made(gap)["latency"])["p99"].values
    assert [value is None for value in values] == [False, True, False]
