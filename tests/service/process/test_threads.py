import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.process.threads import limit_blas, lower_priority


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"OPENBLAS_NUM_THREADS": "1"}),
        ({"OPENBLAS_NUM_THREADS": "3"}, {"OPENBLAS_NUM_THREADS": "3"}),
        ({"OMP_NUM_THREADS": "2"}, {"OMP_NUM_THREADS": "2"}),
    ],
)
def test_what_the_operator_says_stands(given: dict[str, str], expected: dict[str, str]) -> None:
    limit_blas(given)
    assert given == expected


def test_the_command_multiplies_on_its_own_thread() -> None:
    code = """
import sys
from service.cli.main import main
sys.argv = ["edge-rank", "serve", "--model", "/nowhere"]
try:
    main()
except SystemExit:
    pass
import threadpoolctl
print(*[one["num_threads"] for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows a niceness of threads")
def test_a_thread_gives_way_and_the_others_do_not() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = niceness()
    with ThreadPoolExecutor(1, initializer=lower_priority) as pool:
        assert pool.submit(niceness).result() > before
    assert niceness() == before
