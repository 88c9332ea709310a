"""Signals during the start of a process. Imports little, so that it can be stopped from the first moment on.

A signal to stop exits at once with code 0: there is nothing to finish yet (and the first process of a container would
otherwise ignore it). `SIGHUP` stays pending in the kernel until there is a model to be swapped.
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
_exiting = threading.Event()


def exit_on_signals() -> None:
    """Exit with code 0 on `SIGINT` and `SIGTERM` until a server handles them; keep `SIGHUP` pending."""
    for number in ENDING:
        signal.signal(number, _exit)
    _mask("SIG_BLOCK", HANGUP)
    _mask("SIG_UNBLOCK", ENDING)


def exit_if_lost() -> None:
    """Exit with code 0 if a signal came whose exception was lost, as in finalizers. Call it once others handle them."""
    if _exiting.is_set():
        raise SystemExit(0)


@contextmanager
def exit_if_signalled() -> Iterator[None]:
    """Exit with code 0 if a signal came in the block, whatever exception that has become.

    A signal may come at any point of an import, and in some Python turns what its handler raises into a `RuntimeError`.
    """
    try:
        yield
    except Exception:
        if _exiting.is_set():
            raise SystemExit(0) from None
        raise


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Start processes with signals blocked until they unblock them; this process gets its own after the block."""
    with _masked("SIG_BLOCK", (*ENDING, *HANGUP)):
        yield


@contextmanager
def hangup_unblocked() -> Iterator[None]:
    """Receive `SIGHUP` within the block, a pending one at once; after it, `SIGHUP` stays pending as before."""
    with _masked("SIG_UNBLOCK", HANGUP):
        yield


def receives_signals() -> bool:
    """True in the thread that receives signals."""
    return threading.current_thread() is threading.main_thread()


def _exit(_number: int, _frame: FrameType | None) -> None:
    if _exiting.is_set():  # the first signal's exception was lost where none can be raised
        os._exit(0)
    _exiting.set()
    raise SystemExit(0)


def _mask(how: str, numbers: tuple[signal.Signals, ...]) -> None:
    if sys.platform != "win32":
        signal.pthread_sigmask(getattr(signal, how), numbers)


@contextmanager
def _masked(how: str, numbers: tuple[signal.Signals, ...]) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(getattr(signal, how), numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
