"""Reloading the model on `SIGHUP`."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from service.models.swap import SwapRefusedError, Switch
from service.process.signal_handlers import HANGUP, hangup_unblocked, receives_signals

_log = logging.getLogger(__name__)


@contextmanager
def reload_on_hangup(switch: Switch) -> Iterator[None]:
    """Reload the model that the settings name whenever this process gets `SIGHUP`; only in a main thread.

    Of several signals in a row the last one is never lost, and no more than two swaps follow.
    """
    if not HANGUP or not receives_signals():
        yield
        return
    loop = asyncio.get_running_loop()
    swaps: set[asyncio.Task[None]] = set()

    def on_hangup() -> None:
        swap = loop.create_task(_swap(switch))
        swaps.add(swap)  # a task without a reference may be collected before it ends
        swap.add_done_callback(swaps.discard)

    loop.add_signal_handler(signal.SIGHUP, on_hangup)
    try:
        with hangup_unblocked():
            yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        for swap in swaps:
            swap.cancel()


async def _swap(switch: Switch) -> None:
    try:
        await switch.to(None)
    except SwapRefusedError:
        return  # it has been logged
    except Exception:  # asyncio would report a failed task only when it is collected  # noqa: BLE001
        _log.exception("the model could not be swapped, the current one stays")
