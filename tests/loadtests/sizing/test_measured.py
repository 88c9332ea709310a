from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.load.recording import Phase, Recording
from loadtests.sizing.measured import NotMeasuredError, measured
from loadtests.sizing.sizing import Figure
from tests.loadtests.recordings import recording, run, second

STEADY, STEP = Path("runs/steady"), Path("runs/step")


def step_run() -> Recording:
    """Three steps of six seconds; the second is the knee, and costs more in its settled part."""
    phases = [Phase(f"step {number}", 6 * (number - 1), 6 * number, 10.0 * number) for number in (1, 2, 3)]
    made = recording(18, phases=phases, settings={"knee": 20.0, "service": {"EDGE_RANK_WORKERS": "2"}})
    for one in made.seconds[8:12]:
        one.observed |= {"service_cores": 0.8, "redis_cores": 0.08}
    made.seconds[3].observed["service_bytes"] = 400e6
    return made


def test_a_phase_by_hand() -> None:
    assert measured({STEADY: recording()}) == {
        "core_ms": Figure(62.5, "measured: runs/steady, before"),
        "redis_core_ms": Figure(6.25, "measured: runs/steady, before"),
        "process_mb": Figure(160.0, "measured: runs/steady, the most of any second"),
    }
    assert measured({STEADY: recording()}, "flash")["core_ms"].source == "measured: runs/steady, flash"


def test_time_of_cores_is_that_of_the_knee_and_memory_the_most_of_any_run() -> None:
    figures = measured({STEADY: recording(), STEP: step_run()})
    assert figures["core_ms"] == Figure(100.0, "measured: runs/step, step 2")
    assert figures["redis_core_ms"].value == pytest.approx(10)
    assert figures["process_mb"] == Figure(200.0, "measured: runs/step, the most of any second")


def test_a_session_asks_as_much_as_it_was_simulated_to() -> None:
    figures = measured({STEADY: recording(settings={"mean_pages": 2.977})})
    assert figures["requests"] == Figure(2.977, "as simulated: runs/steady")


def test_seconds_that_nobody_watched_do_not_count() -> None:
    watched = recording()
    watched.seconds[0].observed = {}
    assert measured({STEADY: watched})["core_ms"].value == pytest.approx(1000 * 0.5 / 8)


@pytest.mark.parametrize(
    ("of", "phase", "message"),
    [
        (recording(), "night", "has no phase night"),
        (recording(0), None, "no memory of the service"),
        (Recording(run(phases=()), [second(0, answered=0)]), None, "no service_cores were observed of seconds with"),
        (Recording(run(), [second(0, observed=False)]), None, "no memory of the service"),
    ],
)
def test_what_was_not_measured(of: Recording, phase: str | None, message: str) -> None:
    with pytest.raises(NotMeasuredError, match=f"runs/steady.* {message}"):
        measured({STEADY: of}, phase)


def test_a_step_run_none_of_whose_steps_held_is_like_any_other() -> None:
    step = step_run()
    knee_less = Recording(replace(step.run, settings={"knee": None}), step.seconds)
    assert measured({STEP: knee_less})["core_ms"].source == "measured: runs/step, step 1"
