"""Locust patches the sockets of the process that imports it: here it runs as the command that its users type.

A run is mostly waiting for its seconds to pass. All are started before the first test looks at one, a few at a time.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from loadtests.harness.processes import free_port, serving
from loadtests.load.gates import summed
from loadtests.load.plan import Plan
from loadtests.load.recording import Recording, Second
from loadtests.load.traffic import traffic
from tests.loadtests.load.plans import options

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("locust")]  # its runs are shared

ROOT = Path(__file__).parents[2]
SHORT = ("--items", "500", "--devices", "5000", "--rate", "100", "--duration", "4")


AT_ONCE = 2
LENIENT = ("--gate-p99-ms", "3000")


@dataclass(frozen=True)
class Case:
    """A run: what the stand-in for the service does, and what Locust is told.

    Attributes:
        fake: arguments of the stand-in; None where nobody listens.
        locust: arguments of Locust.
        workers: its processes; 0 is one without a master.
        watched: whether its exporter is asked meanwhile.
    """

    fake: tuple[str, ...] | None = ()
    locust: tuple[str, ...] = ()
    workers: int = 0
    watched: bool = False


CASES = {  # the longest first
    "knee": Case(("--stall", "11", "3"), ("--shape", "step", "--duration", "60", "--gate-p99-ms", "1000")),
    "1 worker": Case(locust=(*LENIENT, "--deadline-ms", "0"), workers=1),
    "2 workers": Case(locust=LENIENT, workers=2),
    "refused": Case(("--refuse-first", "1", "--retry-after", "1"), ("--duration", "6", *LENIENT), watched=True),
    "late": Case(("--late-first", "1"), ("--duration", "3", "--deadline-ms", "250", *LENIENT)),
    "stalled": Case(("--stall", "1", "1.5")),
    "stalled, few under way": Case(("--stall", "1", "1.5"), ("--most-under-way", "5")),
    "nobody listens": Case(None, ("--duration", "2")),
}


@dataclass(frozen=True)
class Ran:
    """The outcome of a run.

    Attributes:
        code: Locust's.
        text: what it wrote.
        folder: of the recording.
        seen: the attempts of each body: when each came, in seconds since the first of all.
        deadlines: what attempts said their deadline is, in milliseconds; "none" where they said nothing.
        metrics: what the exporter told in the steady phase, where it was asked.
    """

    code: int
    text: str
    folder: Path
    seen: Mapping[str, list[float]]
    deadlines: Sequence[str]
    metrics: str

    @property
    def recording(self) -> Recording:
        return Recording.read(self.folder)

    @property
    def whole(self) -> Second:
        return summed(self.recording.seconds)


Runs = Mapping[str, "Future[Ran]"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """All runs, by the names of their cases."""
    folder = tmp_path_factory.mktemp("runs")
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {name: pool.submit(run, case, folder / name.replace(" ", "-")) for name, case in CASES.items()}
    pool.shutdown(cancel_futures=True)


def run(case: Case, folder: Path) -> Ran:
    if case.fake is None:
        return locust(case, folder, f"http://127.0.0.1:{free_port()}")
    command, environment = ("-m", "tests.loadtests.fake_service", *case.fake), {"PYTHONPATH": str(ROOT)}
    with serving(command, ready_path="/", environment=environment) as service:
        ran = locust(case, folder, service.url)
        seen, deadlines = (httpx.get(f"{service.url}/{path}", timeout=30).json() for path in ("seen", "deadlines"))
        return replace(ran, seen=seen, deadlines=deadlines)


def locust(case: Case, folder: Path, url: str) -> Ran:
    port, exporter = str(free_port()), str(free_port())
    ports = ("--master-bind-port", port, "--master-port", port)
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(ROOT / "loadtests" / "locustfile.py")),
        *("--headless", "--only-summary", "--host", url, "--record", str(folder), *SHORT, *case.locust),
        *(("--processes", str(case.workers), *ports) if case.workers else ()),
        *(("--exporter-port", exporter) if case.watched else ()),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    with asking(exporter if case.watched else None) as told:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    return Ran(done.returncode, done.stdout + done.stderr, folder, {}, [], "".join(told))


@contextmanager
def asking(port: str | None) -> Iterator[list[str]]:
    """Ask an exporter until it tells of the steady phase; what it told is in the list afterwards."""
    told: list[str] = []
    if port is None:
        yield told
        return
    process = subprocess.Popen([sys.executable, "-c", _ASKING, port], stdout=subprocess.PIPE, text=True)
    yield told
    told.append(process.communicate(timeout=60)[0])


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_asks_the_same_whoever_asks(workers: int, runs: Runs) -> None:
    plan = Plan(options(*SHORT))
    writer = plan.writer()
    ran = runs["1 worker" if workers == 1 else "2 workers"].result()
    assert sorted(ran.seen) == sorted(writer.body(one).decode() for one in traffic(plan.arrivals, 4))
    assert ran.code == 0, ran.text
    assert ran.recording.run.settings["workers"] == workers
    assert ran.whole.answered == ran.whole.asked > 100
    assert "/v1/rank from the intended start" in ran.text
    assert "/v1/rank from the send" in ran.text


def test_a_server_that_stalls_cannot_hide(runs: Runs) -> None:
    ran = runs["stalled, few under way"].result()
    whole = ran.whole
    # Of what was due while it stood still, five attempts were sent and waited; those that were not are counted.
    assert whole.missed > 20
    assert whole.given_up == whole.missed
    assert whole.asked == whole.sent + whole.missed
    late = [second for second in ran.recording.seconds if (second.from_intended.percentile_ms(100) or 0) > 1000]
    assert late
    assert ran.code == 1
    assert "NOT HELD" in ran.text


def test_all_that_was_due_meanwhile_is_late(runs: Runs) -> None:
    ran = runs["stalled"].result()
    assert ran.whole.missed == 0
    slow = sum(second.from_intended.count for second in ran.recording.seconds) - sum(
        second.from_intended.counts_within([0.2])[0] for second in ran.recording.seconds
    )
    assert slow > 30  # not one a connection: dozens a second were due for more than a second
    assert ran.code == 1


def test_refused_devices_come_again_when_they_were_told(runs: Runs) -> None:
    ran = runs["refused"].result()
    gaps = [times[1] - times[0] for times in ran.seen.values() if len(times) > 1]
    assert len(gaps) > 50
    assert min(gaps) >= 0.99
    assert max(gaps) > min(gaps) + 0.5
    whole = ran.whole
    assert whole.refused > 200
    assert whole.failed == 0
    assert len(gaps) <= whole.retried <= whole.refused
    assert (whole.until_answered.percentile_ms(50) or 0) > 1000
    assert ran.code == 1  # steady load may not be refused


def test_devices_say_their_deadline_and_what_comes_too_late_is_distinguished(runs: Runs) -> None:
    ran = runs["late"].result()
    whole = ran.whole
    assert ran.deadlines == ["250"]
    assert whole.late > 100
    assert (whole.failed, whole.refused) == (0, 0)
    assert 0 < whole.retried <= whole.late
    assert whole.answered == whole.sent - whole.late
    assert "steady: late, share of sent" in ran.text
    assert ran.code == 1  # nothing of a steady load may be late
    assert runs["2 workers"].result().deadlines == ["100"]
    assert runs["1 worker"].result().deadlines == ["none"]


def test_a_server_that_is_not_there_fails_the_gates(runs: Runs) -> None:
    ran = runs["nobody listens"].result()
    assert ran.code == 1
    assert ran.whole.answered == 0
    assert ran.whole.failed == ran.whole.sent > 0


def test_the_knee_ends_the_run(runs: Runs) -> None:
    ran = runs["knee"].result()
    run = ran.recording.run
    steps = run.settings["steps"]
    assert [step["held"] for step in steps][:2] == [True, False]  # a slow machine may begin one more
    assert run.settings["knee"] == steps[0]["asked"]
    assert steps[0]["asked"] == pytest.approx(steps[0]["rate"], rel=0.4)  # a few hundred requests of a Poisson process
    assert len(ran.recording.seconds) < 60
    assert ran.code == 0, ran.text


def test_prometheus_is_told_meanwhile(runs: Runs) -> None:
    metrics = runs["refused"].result().metrics
    assert "edge_rank_fleet_answered_total" in metrics
    assert 'edge_rank_fleet_phase{phase="steady"} 1.0' in metrics


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
