import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.load.gates import summed
from loadtests.load.recording import Recording

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def ran(tmp_path: Path, *arguments: str) -> tuple[int, str, Recording]:
    command = [
        *(sys.executable, "-m", "loadtests.load", *arguments, "--record", str(tmp_path / "recording")),
        *("--items", "60", "--devices", "5000", "--rate", "15", "--gate-p99-ms", "4000"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    return done.returncode, done.stdout + done.stderr, Recording.read(tmp_path / "recording")


def test_a_redis_outage_fails_no_request(tmp_path: Path) -> None:
    code, text, recording = ran(tmp_path, "outage", "--duration", "9")
    assert code == 0, text
    assert [event["text"] for event in recording.run.events] == ["Redis was stopped", "Redis was started again"]
    whole = summed(recording.seconds)
    assert whole.answered == whole.asked > 80
    assert recording.run.model.startswith("edge-rank-en@")
    seen = {name for second in recording.seconds for name in second.observed}
    assert {"service_cores", "redis_cores", "load_cores", "service_bytes", "cache_memory_hits", "late_ms"} <= seen
    stopped, started = (event["second"] for event in recording.run.events)
    between = [one for one in recording.seconds if stopped <= one.second <= started + 1]
    assert not all("redis_bytes" in second.observed for second in between)
    for name in ("locust.log", "service.log"):
        assert (tmp_path / "recording" / name).exists()


def test_a_gate_that_is_not_held_is_the_exit_code(tmp_path: Path) -> None:
    code, text, recording = ran(tmp_path, "steady", "--duration", "3", "--gate-sent", "1.1")
    assert code == 1
    assert "NOT HELD" in text
    assert not all(gate.passed for gate in recording.run.gates)
