"""How many threads libraries start, and which give way to others.

A request's arrays are small: BLAS gains nothing from sharing one among threads of its own, and under load they are in
each other's way. Work is shared among cores by encoding several texts at once, and by several workers.
"""

import os
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress

# https://github.com/OpenMathLib/OpenBLAS/blob/develop/README.md#setting-the-number-of-threads-at-runtime
_OPENBLAS, _OTHERS = "OPENBLAS_NUM_THREADS", ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_SWITCH_S = 0.001
_NICENESS = 5


def limit_blas(environment: MutableMapping[str, str] = os.environ) -> None:
    """Have NumPy's BLAS run on the calling thread, in this process and its workers, unless the operator says otherwise.

    Only libraries that are loaded later look at what is set here: it is called before NumPy is imported.
    """
    if not any(name in environment for name in (_OPENBLAS, *_OTHERS)):
        environment[_OPENBLAS] = "1"


def shorten_switch_interval() -> None:
    """Let the event loop have the interpreter after a millisecond when a thread is at work, not after five."""
    sys.setswitchinterval(_SWITCH_S)


def lower_priority() -> None:
    """Have the calling thread give way to the event loop where there are fewer cores than threads at work.

    Every answer passes through the loop several times, and a thread that embeds has it wait for a core each time. Only
    Linux knows a niceness of threads.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS)
