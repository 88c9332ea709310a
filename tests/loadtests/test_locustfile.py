"""Locust patches the sockets of the process that imports it: here it runs as the command that its users type."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from loadtests.load.gates import summed
from loadtests.load.plan import Plan
from loadtests.load.recording import Recording, Second
from loadtests.load.traffic import traffic
from loadtests.processes import free_port, serving
from tests.loadtests.load.plans import options

ROOT = Path(__file__).parents[2]
SHORT = ("--items", "500", "--devices", "5000", "--rate", "100", "--duration", "4")


@dataclass(frozen=True)
class Served:
    url: str

    @property
    def seen(self) -> Mapping[str, list[float]]:
        """The attempts of each body: when each came, in seconds since the first of all."""
        seen: dict[str, list[float]] = httpx.get(f"{self.url}/seen").json()
        return seen


@contextmanager
def fake(*arguments: str) -> Iterator[Served]:
    command, environment = ("-m", "tests.loadtests.fake_service", *arguments), {"PYTHONPATH": str(ROOT)}
    with serving(command, ready_path="/", environment=environment) as service:
        yield Served(service.url)


@dataclass(frozen=True)
class Ran:
    code: int
    text: str
    folder: Path

    @property
    def recording(self) -> Recording:
        return Recording.read(self.folder)

    @property
    def whole(self) -> Second:
        return summed(self.recording.seconds)


def locust(url: str, folder: Path, *arguments: str, workers: int = 0) -> Ran:
    port = str(free_port())
    distributed = ("--processes", str(workers), "--master-bind-port", port, "--master-port", port) if workers else ()
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "locustfile.py")),
        *("--headless", "--only-summary", "--host", url, "--record", str(folder), *SHORT, *arguments, *distributed),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    return Ran(done.returncode, done.stdout + done.stderr, folder)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_asks_the_same_whoever_asks(workers: int, tmp_path: Path) -> None:
    plan = Plan(options(*SHORT))
    writer = plan.writer()
    with fake() as service:
        ran = locust(service.url, tmp_path, "--gate-p99-ms", "3000", workers=workers)
        assert sorted(service.seen) == sorted(writer.body(one).decode() for one in traffic(plan.arrivals, 4))
    assert ran.code == 0, ran.text
    assert ran.recording.run.settings["workers"] == max(1, workers)
    assert ran.whole.answered == ran.whole.asked > 100
    assert "/v1/rank from the intended start" in ran.text
    assert "/v1/rank from the send" in ran.text


def test_a_server_that_stalls_cannot_hide(tmp_path: Path) -> None:
    with fake("--stall", "1", "1.5") as service:
        ran = locust(service.url, tmp_path, "--most-under-way", "5")
    whole = ran.whole
    # Of what was due while it stood still, five attempts were sent and waited; those that were not are counted.
    assert whole.missed > 20
    assert whole.given_up == whole.missed
    assert whole.asked == whole.sent + whole.missed
    late = [second for second in ran.recording.seconds if (second.from_intended.percentile_ms(100) or 0) > 1000]
    assert late
    assert ran.code == 1
    assert "NOT HELD" in ran.text


def test_all_that_was_due_meanwhile_is_late(tmp_path: Path) -> None:
    with fake("--stall", "1", "1.5") as service:
        ran = locust(service.url, tmp_path)
    assert ran.whole.missed == 0
    slow = sum(second.from_intended.count for second in ran.recording.seconds) - sum(
        second.from_intended.counts_within([0.2])[0] for second in ran.recording.seconds
    )
    assert slow > 30  # not one a connection: dozens a second were due for more than a second
    assert ran.code == 1


def test_refused_devices_come_again_when_they_were_told(tmp_path: Path) -> None:
    with fake("--refuse-first", "1", "--retry-after", "1") as service:
        ran = locust(service.url, tmp_path, "--duration", "6", "--gate-p99-ms", "3000")
        gaps = [times[1] - times[0] for times in service.seen.values() if len(times) > 1]
    assert len(gaps) > 50
    assert min(gaps) >= 0.99
    assert max(gaps) > min(gaps) + 0.5
    whole = ran.whole
    assert whole.refused > 200
    assert whole.failed == 0
    assert len(gaps) <= whole.retried <= whole.refused
    assert (whole.until_answered.percentile_ms(50) or 0) > 1000
    assert ran.code == 1  # steady load may not be refused


def test_a_server_that_is_not_there_fails_the_gates(tmp_path: Path) -> None:
    ran = locust(f"http://127.0.0.1:{free_port()}", tmp_path, "--duration", "2")
    assert ran.code == 1
    assert ran.whole.answered == 0
    assert ran.whole.failed == ran.whole.sent > 0


def test_the_knee_ends_the_run(tmp_path: Path) -> None:
    with fake("--stall", "11", "3") as service:
        ran = locust(service.url, tmp_path, "--shape", "step", "--duration", "60", "--gate-p99-ms", "1000")
    run = ran.recording.run
    steps = run.settings["steps"]
    assert [step["held"] for step in steps][:2] == [True, False]  # a slow machine may begin one more
    assert run.settings["knee"] == steps[0]["asked"]
    assert steps[0]["asked"] == pytest.approx(steps[0]["rate"], rel=0.4)  # a few hundred requests of a Poisson process
    assert len(ran.recording.seconds) < 60
    assert ran.code == 0, ran.text


def test_prometheus_is_told_meanwhile(tmp_path: Path) -> None:
    port = str(free_port())
    with fake() as service:
        command = (service.url, tmp_path, "--exporter-port", port)
        found = ""
        process = subprocess.Popen(
            [sys.executable, "-c", _ASKING, port], stdout=subprocess.PIPE, text=True, env=os.environ
        )
        locust(*command)
        found, _ = process.communicate(timeout=60)
    assert "edge_rank_fleet_answered_total" in found
    assert 'edge_rank_fleet_phase{phase="steady"} 1.0' in found


_ASKING = """
import sys, time, urllib.error, urllib.request
until = time.time() + 50
while time.time() < until:
    try:
        text = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics", timeout=5).read().decode()
        if 'phase="steady"} 1.0' in text:
            print(text)
            break
    except OSError:
        pass
    time.sleep(0.1)
"""
