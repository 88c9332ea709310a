"""An end to what the command line does, whoever keeps it waiting."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def bounded_time(seconds: float, error: Callable[[], Exception]) -> Iterator[None]:
    """Have an error come up in the block once it has taken so many seconds. Elsewhere than in a main thread: never.

    Timeouts of a connection begin anew with each byte that comes; this one does not.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def end(_: int, __: FrameType | None) -> None:
        raise error()

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
