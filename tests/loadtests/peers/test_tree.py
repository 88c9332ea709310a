import os
import subprocess
import sys

import pytest

from loadtests.peers.tree import peak_megabytes, pin, resident_megabytes

# Two processes, the second of which holds 50 MB more for a while; a thread of it waits.
SCRIPT = """
import subprocess, sys, threading
child = "import threading; held = bytearray(50_000_000); held = None; "
child += "threading.Thread(target=threading.Event().wait, daemon=True).start(); print('ready', flush=True); input()"
subprocess.run([sys.executable, "-c", child])
"""


def test_descendants_count_and_their_threads_are_brought_to_a_core() -> None:
    core = min(os.sched_getaffinity(0))
    command = [sys.executable, "-c", SCRIPT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as root:
        assert root.stdout is not None
        assert root.stdout.readline() == "ready\n"
        assert peak_megabytes(root.pid) > resident_megabytes(root.pid) + 40
        pin(root.pid, core)
        (child,) = _children(root.pid)
        threads = [int(name) for pid in (root.pid, child) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208
        assert len(threads) >= 3
        assert [os.sched_getaffinity(thread) for thread in threads] == [{core}] * len(threads)
        root.communicate("\n")
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123
        return [int(one) for one in file.read().split()]
