"""What the process does when it is sent a signal: `SIGHUP` reads the model anew, `SIGTERM` and `SIGINT` end it.

Signals may come at any moment of the start. One that ends the process then does so at once, with code 0: there is
nothing to finish yet (and the first process of a container would otherwise not be ended at all). `SIGHUP` is kept by
the kernel until there is a model to be swapped.
"""

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from service.switch import SwapRefusedError, Switch

_log = logging.getLogger(__name__)
ENDING = (signal.SIGTERM, signal.SIGINT)
_HANGUP: tuple[signal.Signals, ...] = (signal.SIGHUP,) if sys.platform != "win32" else ()


def end_when_told() -> None:
    """From now on, and until a server takes over, end the process with code 0 when it is told to; keep `SIGHUP`."""
    for number in ENDING:
        signal.signal(number, _end)
    _mask("SIG_BLOCK", _HANGUP)
    _mask("SIG_UNBLOCK", ENDING)


@contextmanager
def inherited_blocked() -> Iterator[None]:
    """Have processes that are started in the block get no signal before they ask; this one gets its own afterwards."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (*ENDING, *_HANGUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def swapped_on_hangup(switch: Switch) -> Iterator[None]:
    """Have the model that the settings name read anew whenever this process is sent `SIGHUP`.

    Of many in a row the last one is never too late, and no more than two swaps come. Elsewhere than in a main thread:
    never.
    """
    if not _HANGUP or not handles_signals():
        yield
        return
    loop = asyncio.get_running_loop()
    swaps: set[asyncio.Task[None]] = set()

    def on_hangup() -> None:
        swap = loop.create_task(_swap(switch))
        swaps.add(swap)  # a task that nobody holds may be collected before it ends
        swap.add_done_callback(swaps.discard)

    loop.add_signal_handler(signal.SIGHUP, on_hangup)
    _mask("SIG_UNBLOCK", _HANGUP)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # one that comes while the process ends must not kill it
        for swap in swaps:
            swap.cancel()


def handles_signals() -> bool:
    """Whether signals come to this thread."""
    return threading.current_thread() is threading.main_thread()


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _mask(how: str, numbers: tuple[signal.Signals, ...]) -> None:
    if sys.platform != "win32":
        signal.pthread_sigmask(getattr(signal, how), numbers)


async def _swap(switch: Switch) -> None:
    try:
        await switch.to(None)
    except SwapRefusedError:
        return  # the log has been told
    except Exception:  # asyncio would tell of a failed task only when it is collected  # noqa: BLE001
        _log.exception("the model could not be swapped, the old one serves on")
