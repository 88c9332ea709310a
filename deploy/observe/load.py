"""A small load test beside the other traffic, for the *Fleet* dashboard."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

import loadtests

_LOCUSTFILE = Path(loadtests.__file__).with_name("locustfile.py")
_WAIT_S = 60.0
# A flash crowd, so that phases change and some attempts are refused.
_RUN = ("--shape", "flash", "--rate", "3", "--duration", "60", "--devices", "10000", "--items", "1000")


@contextmanager
def load_test(url: str, exporter_port: int) -> Iterator[str]:
    """Run Locust against a service until the block ends; yields the address of its exporter.

    Raises:
        SystemExit: it does not start.
    """
    command = [sys.executable, "-m", "locust", "--locustfile", str(_LOCUSTFILE), "--headless", "--only-summary"]
    options = ["--host", url, "--exporter-port", str(exporter_port), *_RUN]
    process = subprocess.Popen(  # noqa: S603
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        exporter = f"http://127.0.0.1:{exporter_port}"
        _wait_for(exporter, process)
        yield exporter
    finally:
        process.terminate()
        process.wait()


def _wait_for(exporter: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _WAIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"{exporter}/metrics")
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the load test did not begin")
