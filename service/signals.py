"""What the process does when it is told something: `SIGHUP` reads the model anew, `SIGTERM` drains and ends.

Draining is for those who send requests over connections that stay open, through a balancer that asks `/readyz`: for a
while the service says that it is not ready, closes each connection behind its answer, and still answers everything.
Then uvicorn's own shutdown follows, which finishes what is in work.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.artifact import ArtifactError
from service.heads.errors import HeadError
from service.host import ModelHost
from service.ranking.weights import RankerError
from service.readiness import Readiness

_log = logging.getLogger(__name__)


@contextmanager
def swapped_on_hangup(host: ModelHost, folder: Path) -> Iterator[None]:
    """Have a folder's model serve whenever this process is sent `SIGHUP`. Elsewhere than in a main thread: never."""
    if not _handles_signals() or not hasattr(signal, "SIGHUP"):
        yield
        return
    loop = asyncio.get_running_loop()
    swaps: set[asyncio.Task[None]] = set()

    def on_hangup() -> None:
        swap = loop.create_task(_swap(host, folder))
        swaps.add(swap)  # a task that nobody holds may be collected before it ends
        swap.add_done_callback(swaps.discard)

    loop.add_signal_handler(signal.SIGHUP, on_hangup)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        for swap in swaps:
            swap.cancel()


@contextmanager
def drained_on_termination(readiness: Readiness, seconds: float) -> Iterator[None]:
    """Put a drain of so many seconds before what `SIGTERM` does. Elsewhere than in a main thread: none."""
    ends = signal.getsignal(signal.SIGTERM) if _handles_signals() else None
    if not seconds or not callable(ends):
        yield
        return
    loop = asyncio.get_running_loop()

    def on_termination() -> None:
        if readiness.draining:
            return
        readiness.drain()
        _log.info("draining for %g s", seconds)
        loop.call_later(seconds, ends, signal.SIGTERM, None)

    loop.add_signal_handler(signal.SIGTERM, on_termination)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _handles_signals() -> bool:
    return threading.current_thread() is threading.main_thread()


async def _swap(host: ModelHost, folder: Path) -> None:
    try:
        await host.swap(folder)
    except (ArtifactError, RankerError, HeadError):
        return  # the host has told the log
    except Exception:  # asyncio would tell of a failed task only when it is collected  # noqa: BLE001
        _log.exception("the model could not be swapped, the old one serves on")
