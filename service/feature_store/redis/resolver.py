"""Resolves host names without blocking anything else."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

Found = asyncio.Future[Sequence[str]]


class Resolver:
    """Resolves each name once at a time, on a daemon thread.

    asyncio resolves names on the process's shared threads. If the DNS servers do not answer, a look-up takes a minute
    and can't be cancelled: a few of them exhaust the threads.
    """

    def __init__(self) -> None:
        self._asked: dict[str, Found] = {}

    async def addresses(self, host: str) -> Sequence[str]:
        """The addresses of a host, the best first. A cancelled caller does not cancel the look-up.

        Raises:
            OSError: the name can't be resolved.
        """
        asked = self._asked.get(host)
        if asked is None:
            loop = asyncio.get_running_loop()
            asked = self._asked[host] = loop.create_future()
            asked.add_done_callback(lambda found: self._answered(host, found))
            threading.Thread(target=_look_up, args=(host, loop, asked), name="resolve", daemon=True).start()
        await asyncio.wait([asked])
        return asked.result()

    def _answered(self, host: str, found: Found) -> None:
        del self._asked[host]
        found.exception()  # keeps asyncio from warning if no caller waits any more


def _look_up(host: str, loop: asyncio.AbstractEventLoop, asked: Found) -> None:
    with suppress(RuntimeError):  # the loop is closed
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failure = error if isinstance(error, OSError) else socket.gaierror("not a name")
            loop.call_soon_threadsafe(asked.set_exception, failure)
        else:
            loop.call_soon_threadsafe(asked.set_result, list(dict.fromkeys(str(one[4][0]) for one in found)))
