from typing import Any

from loadtests.load.control import Control
from loadtests.load.fleet import Fleet
from tests.loadtests.load.plans import plan


class Wire:
    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any], str | None]] = []
        self.began: list[Fleet] = []
        self.control = Control(lambda *message: self.told.append(message), self.began.append)


def test_the_run_begins_when_the_last_worker_is_ready() -> None:
    wire = Wire()
    assert not wire.control.is_over(0)
    assert wire.control.finished() is None
    wire.control.prepare(plan("--duration", "5"), "http://127.0.0.1:9", ["a", "b"])
    assert [(kind, data["worker"], data["workers"], whom) for kind, data, whom in wire.told] == [
        ("fleet_prepare", 0, 2, "a"),
        ("fleet_prepare", 1, 2, "b"),
    ]
    wire.control.on_ready()
    assert not wire.began
    wire.control.on_ready()
    assert wire.began == [wire.control.fleet]
    kind, data, whom = wire.told[-1]
    assert (kind, whom) == ("fleet_start", None)
    assert wire.began[0].started_at == data["started_at"]


def test_it_is_over_when_all_have_told_all() -> None:
    wire = Wire()
    wire.control.prepare(plan("--duration", "5"), "http://127.0.0.1:9", ["a", "b"])
    wire.control.on_ready()
    wire.control.on_ready()
    wire.control.on_seconds({"worker": 0, "seconds": [], "processor_s": 1.0})
    wire.control.on_done()
    assert not wire.control.is_over(2)
    assert wire.control.is_over(1)
    recording = wire.control.finished()
    assert recording is not None
    assert len(recording.seconds) == 5
    assert not next(gate for gate in recording.run.gates if gate.name == "workers lost").passed
