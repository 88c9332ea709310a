import subprocess
import sys

import psutil
import pytest

from loadtests.harness.process_tree import process_tree

SCRIPT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(0, flush=True); input()'])"


def test_a_tree_has_the_process_and_its_descendants() -> None:
    command = [sys.executable, "-c", SCRIPT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as root:
        assert root.stdout is not None
        assert root.stdout.readline() == "0\n"
        first, child = process_tree(root.pid)
        assert (first.pid, child.ppid()) == (root.pid, root.pid)
        root.communicate("\n")
    with pytest.raises(psutil.NoSuchProcess):
        process_tree(root.pid)
