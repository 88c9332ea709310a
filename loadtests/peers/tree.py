"""A process and its descendants: their memory, and the core that they run on."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil


def pin(pid: int, core: int) -> None:
    """Bring every thread to a core, those too that chose another one when they started."""
    for one in _tree(pid):
        for thread in one.threads():
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.sched_setaffinity(thread.id, {core})


def resident_megabytes(pid: int) -> float:
    """What they hold of memory."""
    return sum(_kilobytes(one.pid, "VmRSS:") for one in _tree(pid)) / 1024


def peak_megabytes(pid: int) -> float:
    """What they held at most, each at its own worst moment: from Linux's /proc."""
    return sum(_kilobytes(one.pid, "VmHWM:") for one in _tree(pid)) / 1024


def _tree(pid: int) -> Iterator[psutil.Process]:
    root = psutil.Process(pid)
    yield root
    yield from root.children(recursive=True)


def _kilobytes(pid: int, field: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1])
