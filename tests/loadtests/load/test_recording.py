import json
from pathlib import Path

import pytest

from loadtests.load.recording import RUN_FILE, SECONDS_FILE, Gate, Recording, Second
from tests.loadtests.recordings import run


def second(number: int, **counts: int) -> Second:
    made = Second(number)
    for name, count in counts.items():
        setattr(made, name, count)
    made.from_intended.add(0.02)
    made.observed["load_cores"] = 0.5
    return made


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = Recording(run(), [second(0, asked=3, sent=2, missed=1), second(1, answered=7)])
    written.write(tmp_path / "new" / "folder")
    read = Recording.read(tmp_path / "new" / "folder")
    assert read.run.phases == list(written.run.phases)
    assert read.run.settings == written.run.settings
    assert [one.to_json() for one in read.seconds] == [one.to_json() for one in written.seconds]


def test_a_recording_from_before_devices_had_deadlines_is_read(tmp_path: Path) -> None:
    Recording(run(), [second(0, sent=6, answered=3, refused=2, failed=1)]).write(tmp_path)
    values = json.loads((tmp_path / SECONDS_FILE).read_text())
    for name in ("in_time", "ended_in_time", "late"):
        del values[name]
    (tmp_path / SECONDS_FILE).write_text(json.dumps(values))
    (read,) = Recording.read(tmp_path).seconds
    # Without a deadline, whatever ended was in time.
    assert (read.in_time, read.ended_in_time, read.late, read.admitted) == (3, 4, 0, 4)


def test_seconds_of_workers_add_up() -> None:
    one, other = second(3, asked=2, failed=1), second(3, asked=5)
    other.observed = {"load_cores": 0.75, "late_ms": 2.0}
    one.merge(other)
    assert (one.asked, one.failed, one.from_intended.count) == (7, 1, 2)
    assert one.observed == {"load_cores": 0.75, "late_ms": 2.0}


@pytest.mark.parametrize(
    ("gate", "passed"),
    [
        (Gate("a", 5.0, most=5.0), True),
        (Gate("a", 5.1, most=5.0), False),
        (Gate("a", 5.0, least=5.0), True),
        (Gate("a", 4.9, least=5.0), False),
        (Gate("a", None, most=5.0), False),
        (Gate("a", 3.0, most=5.0, least=4.0), False),
    ],
)
def test_gates(gate: Gate, passed: bool) -> None:
    assert gate.passed is passed


def test_what_is_not_there_or_no_recording_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=RUN_FILE):
        Recording.read(tmp_path)
    (tmp_path / RUN_FILE).write_text("{}")
    (tmp_path / SECONDS_FILE).write_text("")
    with pytest.raises(ValueError, match="is not what a load run writes"):
        Recording.read(tmp_path)
