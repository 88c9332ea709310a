"""What the process does when it is sent `SIGHUP`: it has the model read anew."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from service.models.swap import SwapRefusedError, Switch
from service.process.signal_handlers import HANGUP, receives_signals, hangup_unblocked

_log = logging.getLogger(__name__)


@contextmanager
def reload_on_hangup(switch: Switch) -> Iterator[None]:
    """Have the model that the settings name read anew whenever this process is sent `SIGHUP`.

    Of many in a row the last one is never too late, and no more than two swaps come. Elsewhere than in a main thread:
    never.
    """
    if not HANGUP or not receives_signals():
        yield
        return
    loop = asyncio.get_running_loop()
    swaps: set[asyncio.Task[None]] = set()

    def on_hangup() -> None:
        swap = loop.create_task(_swap(switch))
        swaps.add(swap)  # a task that nobody holds may be collected before it ends
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
        return  # the log has been told
    except Exception:  # asyncio would tell of a failed task only when it is collected  # noqa: BLE001
        _log.exception("the model could not be swapped, the old one serves on")
