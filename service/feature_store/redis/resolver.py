"""Looks the addresses of names up without holding anything else up."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

Found = asyncio.Future[Sequence[str]]


class Resolver:
    """Looks each name up once at a time, on a thread that ends with the process.

    asyncio looks names up on the threads that the whole process shares. Where the servers of names do not answer, a
    look-up takes a minute, and nobody can take it back: a few of them, and nothing else gets a thread any more.
    """

    def __init__(self) -> None:
        self._asked: dict[str, Found] = {}

    async def addresses(self, host: str) -> Sequence[str]:
        """The addresses of a host, the best first. Whoever gives up waiting does not end the look-up.

        Raises:
            OSError: it has none.
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
        found.exception()  # if nobody waits any more, asyncio need not complain


def _look_up(host: str, loop: asyncio.AbstractEventLoop, asked: Found) -> None:
    with suppress(RuntimeError):  # the loop has ended meanwhile
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failure = error if isinstance(error, OSError) else socket.gaierror("not a name")
            loop.call_soon_threadsafe(asked.set_exception, failure)
        else:
            loop.call_soon_threadsafe(asked.set_result, list(dict.fromkeys(str(one[4][0]) for one in found)))
