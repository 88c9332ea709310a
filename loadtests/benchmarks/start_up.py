"""The time from the service's start until it is ready, and what all of its processes take by then.

    python -m loadtests.benchmarks.start_up [--rounds 5] [--workers 1]

Beside it, the time in which a bare Python starts and exits: the part that can't be saved. Memory that processes share
is counted once (the proportional set size of Linux).
"""

import argparse
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from loadtests.harness.process_tree import process_tree
from loadtests.harness.processes import SERVE, serving


@dataclass(frozen=True)
class Start:
    """A start of the service, measured when it was ready.

    Attributes:
        ready_s: seconds until then.
        processor_s: seconds of processor time, of all its processes.
        megabytes: memory of all its processes.
    """

    ready_s: float
    processor_s: float
    megabytes: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    bare = statistics.median(_seconds_of_bare_python() for _ in range(options.rounds))
    starts = [_start(options.workers) for _ in range(options.rounds)]
    ready = statistics.median(one.ready_s for one in starts)
    processor = statistics.median(one.processor_s for one in starts)
    print(f"ready after {ready:.2f} s (median of {options.rounds}; bare Python {bare:.2f} s, ratio {ready / bare:.0f})")  # noqa: T201
    print(f"processor time {processor:.2f} s, memory {max(one.megabytes for one in starts):.0f} MB")  # noqa: T201


def _seconds_of_bare_python() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.perf_counter() - started


def _start(workers: int) -> Start:
    """Start the service with the demo catalogue and stop it when it is ready."""
    with serving((*SERVE, "--demo", "--workers", str(workers))) as service:
        family = process_tree(service.pid)
        processor_s = sum(times.user + times.system for times in (one.cpu_times() for one in family))
        return Start(service.ready_s, processor_s, sum(one.memory_full_info().pss for one in family) / 1e6)


if __name__ == "__main__":
    main()
