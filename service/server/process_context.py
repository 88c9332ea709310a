"""The start of worker processes: on Linux they are forked from a process that has imported what they need.

Importing is three quarters of the work of a worker's start, and forked workers share the memory of what was imported.
The process that they are forked from has one thread and handles no request, so that forking is safe; elsewhere each
worker is a new interpreter, since system libraries of other platforms don't survive a fork.
"""

import multiprocessing
import sys
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext

multiprocessing.allow_connection_pickling()
_IMPORTED = ["service.server.serving"]


def process_context() -> BaseContext:
    """The context to start processes in. They have the environment of the time when the first one was started."""
    if sys.platform != "win32":
        # Otherwise the start of the first process starts it, and unblocks the signals that the caller has blocked.
        resource_tracker.ensure_running()
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context
