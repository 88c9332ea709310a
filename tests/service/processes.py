"""Real serving processes for tests."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from loadtests.harness import processes
from loadtests.harness.processes import SERVE, Serving
from tests.service.copies import Copy


@contextmanager
def serving(
    *arguments: object,
    environment: Mapping[str, str] | None = None,
    log: list[str] | None = None,
    hurried: bool = False,
) -> Iterator[Serving]:
    """`edge-rank serve` in a process of its own, once it is ready; `log` gets what it wrote.

    One process is a copy of one that has imported what it needs; a supervisor of workers is a new interpreter.

    If `hurried`, workers count as sound after a second, and those that do not end are killed sooner.
    """
    flags = [str(argument) for argument in arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as written:
        try:
            if "--workers" in flags:
                command = [*(("-m", "tests.service.hurried", "serve") if hurried else SERVE), *flags]
                running = processes.serving(command, environment=environment, log=written)
            else:
                command = ["serve", *flags]
                running = processes.serving(command, environment=environment, log=written, start=Copy)
            with running as service:
                yield service
        finally:
            if log is not None:
                written.seek(0)
                log.append(written.read())


def start(*arguments: object, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `edge-rank serve`; what it writes is to be read from `stderr`."""
    command = [sys.executable, *SERVE, *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
