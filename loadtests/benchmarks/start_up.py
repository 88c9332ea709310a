"""The time from the service's start until it is ready, and its memory then.

    python -m loadtests.benchmarks.start_up [--rounds 5]

Beside it, the time in which a bare Python starts and exits: the part that can't be saved.
"""

import argparse
import statistics
import subprocess
import sys
import time

from loadtests.harness.processes import SERVE, serving


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    bare = statistics.median(_seconds_of_bare_python() for _ in range(rounds))
    starts = [_start() for _ in range(rounds)]
    ready = statistics.median(seconds for seconds, _ in starts)
    memory = max(megabytes for _, megabytes in starts)
    print(f"ready after {ready:.2f} s (median of {rounds}; bare Python {bare:.2f} s, ratio {ready / bare:.0f})")  # noqa: T201
    print(f"resident memory {memory:.0f} MB")  # noqa: T201


def _seconds_of_bare_python() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.perf_counter() - started


def _start() -> tuple[float, float]:
    """Start the service with the demo catalogue and stop it when ready. Returns seconds and megabytes."""
    with serving((*SERVE, "--demo")) as service:
        return service.ready_s, service.resident_megabytes


if __name__ == "__main__":
    main()
