"""The start of worker processes: on Linux they are forked from a process that has imported what they need.

Importing is three quarters of a worker's start, and its memory is shared. The process that forks has one thread, which
makes it safe; system libraries of other platforms don't survive a fork, so there each worker is a new interpreter.
"""

import multiprocessing
import sys
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

multiprocessing.allow_connection_pickling()


def process_context() -> "ForkServerContext | SpawnContext":
    """The context to start processes in. They have the environment of the time when the first one was started."""
    if sys.platform != "win32":
        # Otherwise the start of the first process starts it, and unblocks the signals that the caller has blocked.
        resource_tracker.ensure_running()
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["service.server.serving"])
    return context
