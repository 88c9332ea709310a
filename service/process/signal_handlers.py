"""Signals that come while a process starts. Imports little, so that it can be told to end from the first moment on.

One that ends the process does so at once, with code 0: there is nothing to finish yet (and the first process of a
container would otherwise not be ended at all). `SIGHUP` is kept by the kernel until there is a model to be swapped.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM)
HANGUP: tuple[signal.Signals, ...] = (signal.SIGHUP,) if sys.platform != "win32" else ()


def exit_on_signals() -> None:
    """From now on, and until a server takes over, end the process with code 0 when it is told to; keep `SIGHUP`."""
    for number in ENDING:
        signal.signal(number, _end)
    _mask("SIG_BLOCK", HANGUP)
    _mask("SIG_UNBLOCK", ENDING)


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Have processes that are started in the block get no signal before they ask; this one gets its own afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (*ENDING, *HANGUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def hangup_unblocked() -> Iterator[None]:
    """Get `SIGHUP` in the block, and one that was kept at once. Behind it, it is kept as before."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_UNBLOCK, HANGUP)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def receives_signals() -> bool:
    """Whether signals come to this thread."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def exit_if_signalled() -> Iterator[None]:
    """End the process with code 0 where it was told to in the block, whatever became of that on its way.

    A signal may come at any point of an import, and Python makes a `RuntimeError` of what is raised in some.
    """
    try:
        yield
    except Exception:
        if _told.is_set():
            raise SystemExit(0) from None
        raise


_told = threading.Event()


def _end(_number: int, _frame: FrameType | None) -> None:
    if _told.is_set():  # the first time was lost where nothing can be raised
        os._exit(0)
    _told.set()
    raise SystemExit(0)


def _mask(how: str, numbers: tuple[signal.Signals, ...]) -> None:
    if sys.platform != "win32":
        signal.pthread_sigmask(getattr(signal, how), numbers)
