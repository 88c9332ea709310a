"""Real serving processes for tests."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from loadtests.processes import free_port


@contextmanager
def serving(*arguments: object, log: list[str] | None = None) -> Iterator[str]:
    """Serve in a process of its own and give its address once it is ready; `log` gets what it wrote."""
    with serving_process(*arguments, log=log) as (url, _):
        yield url


@contextmanager
def serving_process(*arguments: object, log: list[str] | None = None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The same, with the process."""
    port = free_port()
    process = start("--port", port, *arguments)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        _, written = process.communicate(timeout=20)
        if log is not None:
            log.append(written)


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start `edge-rank serve`; what it writes is to be read from `stderr`."""
    command = [sys.executable, "-c", "from service.cli import main; main()", "serve", *arguments]
    return subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True)


def _wait_until_ready(url: str, process: subprocess.Popen[str]) -> None:
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at:
        assert process.poll() is None, "the server ended before it was ready"
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise AssertionError("the server was not ready in time")
