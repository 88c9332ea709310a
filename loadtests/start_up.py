"""How long the service takes from its start until it is ready, and what it then holds of memory.

    python -m loadtests.start_up [--rounds 5]

Beside it, in the same run, the time in which Python starts and ends: the part that no service can save.
"""

import argparse
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

_GIVE_UP_S = 60.0
_POLL_S = 0.01


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
    """Start the service on the demo catalogue, wait until it is ready, stop it. Returns seconds and megabytes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from service.cli import main; main()", "serve", "--demo", "--port", str(port)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        while not _is_ready(port):
            if process.poll() is not None or time.perf_counter() - started > _GIVE_UP_S:
                raise SystemExit("the service did not become ready")
            time.sleep(_POLL_S)
        return time.perf_counter() - started, _resident_megabytes(process.pid)
    finally:
        process.terminate()
        process.wait()


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _resident_megabytes(pid: int) -> float:
    """Resident set size, from Linux's /proc."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
