"""Services as copies of a process that has imported what they need, which is most of a start."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Any

_PRELOADED = ["tests.service.preloaded"]


class Copy(subprocess.Popen[bytes]):
    """`edge-rank ARGUMENTS` in a copy of the process that all copies are made from, which this process starts once."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: IO[str] | None) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        written = os.devnull if log is None else f"/proc/{os.getpid()}/fd/{log.fileno()}"
        self._process: BaseProcess = context.Process(target=_run, args=(arguments, dict(environment), written))
        self._process.start()
        self._child_created = False  # not by this process: whom it waits for is told by the one that is copied
        assert self._process.pid is not None
        self.pid = self._process.pid
        self.args = arguments
        self.returncode: int | Any = None

    def poll(self) -> int | None:
        self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.poll() is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self.args, timeout)
        return int(self.returncode)


def _run(arguments: Sequence[str], environment: Mapping[str, str], log: str) -> None:
    from service.cli.main import main  # noqa: PLC0415 -- NumPy's threads are limited first, by what is preloaded

    os.environ.clear()
    os.environ.update(environment)
    with Path(log).open("ab", buffering=0) as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    sys.argv = ["edge-rank", *arguments]
    main()
