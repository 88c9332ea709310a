"""Runs a server process on a free port of 127.0.0.1, pinned to a core if asked, until a block ends."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_GIVE_UP_S = 60.0
_POLL_S = 0.01
Start = Callable[[Sequence[str], Mapping[str, str], IO[str] | None], subprocess.Popen[bytes]]
SERVE = ("-c", "from service.cli.main import main; main()", "serve")


@dataclass(frozen=True)
class Serving:
    """A running server.

    Attributes:
        port: of 127.0.0.1.
        process: the process.
        ready_s: seconds from its start until it was ready.
    """

    port: int
    process: subprocess.Popen[bytes]
    ready_s: float

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def resident_megabytes(self) -> float:
        """Resident set size, from Linux's /proc."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


def run_python(
    arguments: Sequence[str], environment: Mapping[str, str], log: IO[str] | None
) -> subprocess.Popen[bytes]:
    """Start `python ARGUMENTS` in this environment; `log` receives its standard error."""
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, stderr=log or subprocess.DEVNULL, env=environment)  # noqa: S603


@contextmanager
def serving(
    arguments: Sequence[str],
    *,
    ready_path: str = "/readyz",
    core: int | None = None,
    environment: Mapping[str, str] | None = None,
    log: IO[str] | None = None,
    start: Start = run_python,
) -> Iterator[Serving]:
    """Run `python ARGUMENTS --port PORT` until the block ends, with its state in a temporary folder.

    Args:
        arguments: of `python`; `--port` with a free port is added.
        ready_path: answers 200 once the process is ready.
        core: the only core it may run on.
        environment: added to that of this process.
        log: receives its standard error.
        start: starts it.

    Raises:
        SystemExit: it exited, or was not ready in time.
    """
    port = free_port()
    started = time.perf_counter()
    state = tempfile.TemporaryDirectory(prefix="edge-rank-state-")
    surroundings = {**os.environ, "XDG_STATE_HOME": state.name, **(environment or {})}
    process = start([*arguments, "--port", str(port)], surroundings, log)
    if core is not None:  # before it starts threads, which inherit it
        os.sched_setaffinity(process.pid, {core})
    try:
        while not _answers(port, ready_path):
            if process.poll() is not None or time.perf_counter() - started > _GIVE_UP_S:
                raise SystemExit(f"python {' '.join(arguments)} did not become ready")
            time.sleep(_POLL_S)
        yield Serving(port, process, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait()
        state.cleanup()


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run this thread, and what it starts, on a single core until the block ends."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """Find a free port of 127.0.0.1."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
