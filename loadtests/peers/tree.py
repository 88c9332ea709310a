"""A process and its descendants: their memory, and the core that they run on."""

import os
from contextlib import suppress
from pathlib import Path

import psutil

from loadtests.harness.process_tree import process_tree


def pin(pid: int, core: int) -> None:
    """Pin every thread to a core, including those that chose another one."""
    for one in process_tree(pid):
        with suppress(psutil.NoSuchProcess, ProcessLookupError):  # it, or one of its threads, has ended
            for thread in one.threads():
                os.sched_setaffinity(thread.id, {core})


def resident_megabytes(pid: int) -> float:
    """Their resident memory."""
    return sum(_kilobytes(one.pid, "VmRSS:") for one in process_tree(pid)) / 1024


def peak_megabytes(pid: int) -> float:
    """The sum of their peak memory, from Linux's /proc."""
    return sum(_kilobytes(one.pid, "VmHWM:") for one in process_tree(pid)) / 1024


def _kilobytes(pid: int, field: str) -> int:
    """A value of /proc; 0 for a process that has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    return 0
