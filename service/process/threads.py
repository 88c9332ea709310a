"""The number and the priority of threads.

A request's arrays are small: BLAS gains nothing from threads of its own, and under load they compete. Several cores are
used by encoding several texts at the same time, and by several workers.
"""

import os
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress

# https://github.com/OpenMathLib/OpenBLAS/blob/develop/README.md#setting-the-number-of-threads-at-runtime
_OPENBLAS, _OTHERS = "OPENBLAS_NUM_THREADS", ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_SWITCH_S = 0.001


def limit_blas(environment: MutableMapping[str, str] = os.environ) -> None:
    """Run NumPy's BLAS on the calling thread, in this process and its workers, unless the operator sets otherwise.

    Must be called before NumPy is imported: libraries read these variables when they are loaded.
    """
    if not any(name in environment for name in (_OPENBLAS, *_OTHERS)):
        environment[_OPENBLAS] = "1"


def shorten_switch_interval() -> None:
    """Give the event loop the interpreter lock after one millisecond of another thread's work, not after five."""
    sys.setswitchinterval(_SWITCH_S)


def lower_priority(by: int = 5) -> None:
    """Lower the calling thread's priority, so that the event loop gets a core first where there are too few.

    Every answer passes through the loop several times, and would wait for a core each time while a thread embeds. Only
    Linux has a niceness per thread; each step of it gives the thread about a fifth less of a contended core.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + by)
