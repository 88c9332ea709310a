"""A complete load test on this machine: `python -m loadtests.load SHAPE`.

Starts the service and a real Redis that holds the whole catalogue, runs Locust, injects the faults of the shape,
observes the processes, writes the recording to runs/load/SHAPE, prints a summary, and exits with 1 if a gate failed.
`EDGE_RANK_*` variables configure the service.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loadtests.harness.processes import free_port
from loadtests.load.leaks import leak_gates
from loadtests.load.live import Live
from loadtests.load.observation import Observer
from loadtests.load.options import Options, add_options
from loadtests.load.plan import Plan
from loadtests.load.recording import RUN_FILE, Recording
from loadtests.load.shapes import SHAPES
from loadtests.load.stand import Stand, stand
from loadtests.load.store import filled_redis
from loadtests.load.summary import WIDTH, printed

RUNS = Path("runs") / "load"
_LOCUSTFILE = Path(__file__).parents[1] / "locustfile.py"
_SERVICE_CORE = 0
# Recordings are shared, so they must not contain secrets.
_SECRET = frozenset({"EDGE_RANK_REDIS_URL", "EDGE_RANK_API_KEY"})
_WORKERS_WAIT_S = "60"


def main() -> None:
    """Run the load test, print its summary, and exit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=sorted(SHAPES))
    add_options(parser, shape=False)
    parser.add_argument("--workers", type=int, default=1, help="processes that ask, beside Locust's master")
    parser.add_argument(
        "--pin", action="store_true", help="the service on a core of its own, everything else on others"
    )
    parser.add_argument("--record", type=Path, metavar="FOLDER", help=f"default: {RUNS}/SHAPE")
    parser.add_argument("--exporter-port", type=int, help="where to serve metrics of the devices; default: a free one")
    arguments = parser.parse_args()
    plan, folder = Plan(Options.of(arguments)), arguments.record or RUNS / arguments.shape
    if arguments.pin:
        _keep_off(_SERVICE_CORE)
    recording = run(
        plan,
        folder,
        workers=arguments.workers,
        core=_SERVICE_CORE if arguments.pin else None,
        exporter_port=arguments.exporter_port or free_port(),
    )
    printed(recording, Console(width=WIDTH))
    if not all(gate.passed for gate in recording.run.gates):
        sys.exit(1)


def run(plan: Plan, folder: Path, *, workers: int, core: int | None, exporter_port: int) -> Recording:
    """Run a load test.

    Args:
        plan: the plan.
        folder: receives the recording, and the logs of service and Locust.
        workers: number of Locust's worker processes.
        core: the service's only core, or None.
        exporter_port: port of the devices' metrics.

    Raises:
        SystemExit: the service or Locust failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN_FILE).unlink(missing_ok=True)
    with (
        _progress() as progress,
        filled_redis(plan, RUNS / "features", progress) as redis,
        (folder / "service.log").open("w", encoding="utf-8") as log,
        stand(redis, core=core, log=log) as scene,
        _locust(plan, scene, folder, workers, exporter_port) as locust,
        Observer(
            scene.service.url, service=lambda: scene.service.pid, redis=lambda: redis.pid, load=lambda: locust.pid
        ) as observer,
    ):
        live = Live(plan.shape, scene, exporter_port, progress)
        live.follow(locust)
    if not (folder / RUN_FILE).exists():
        raise SystemExit(f"Locust ended with {locust.returncode} and left no recording: see {folder / 'locust.log'}")
    recording = _completed(Recording.read(folder), observer, live, core)
    recording.write(folder)
    return recording


def _completed(recording: Recording, observer: Observer, live: Live, core: int | None) -> Recording:
    """Add the observations and the faults to the recording."""
    seen = observer.by_second(live.started_at)
    for second in recording.seconds:
        second.observed |= seen.get(second.second, {})
    decided = {
        name: value for name, value in os.environ.items() if name.startswith("EDGE_RANK_") and name not in _SECRET
    }
    run_ = replace(
        recording.run,
        settings=recording.run.settings | {"service": decided, "service_core": core},
        gates=[*recording.run.gates, *leak_gates(recording)],
        events=live.events,
    )
    return Recording(run_, recording.seconds)


@contextmanager
def _locust(
    plan: Plan, scene: Stand, folder: Path, workers: int, exporter_port: int
) -> Iterator[subprocess.Popen[bytes]]:
    port = str(free_port())  # of the master, for its workers
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(_LOCUSTFILE), "--headless", "--only-summary"),
        *("--host", scene.service.url, "--processes", str(workers), "--record", str(folder)),
        *("--exporter-port", str(exporter_port), "--master-bind-port", port, "--master-port", port),
        *("--expect-workers-max-wait", _WORKERS_WAIT_S),
        *plan.options.to_arguments(),
    ]
    with (folder / "locust.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait()


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def _keep_off(core: int) -> None:
    """Keep this process and its future children off a core.

    Raises:
        SystemExit: there is no other core.
    """
    others = os.sched_getaffinity(0) - {core}
    if not others:
        raise SystemExit("to pin the service takes two cores; this process may use one")
    os.sched_setaffinity(0, others)


if __name__ == "__main__":
    main()
