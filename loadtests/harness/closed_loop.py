"""A closed-loop load generator: each connection sends its next request when the last one is answered.

It keeps no more of an answer than its status, its time and `Retry-After`, so that one core of it keeps a server of one
core busy.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import httptools
import numpy as np

OK, REFUSED, LATE = 200, 429, 504


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: of HTTP.
        seconds: from the first byte sent to the last byte received.
        retry_after_s: what the header of that name said; None without one.
        closes: whether the server ends the connection with it.
    """

    status: int
    seconds: float
    retry_after_s: float | None = None
    closes: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a load came to.

    Attributes:
        latencies_s: of each answer, from its first byte sent to its last byte received; only status 200 is an answer.
        elapsed_s: from the first request to the last reply.
        refused: replies with status 429: the server had too much to do.
        late: replies with status 504: the server did not manage it in time.
        failures: replies with any other status.
    """

    latencies_s: Sequence[float]
    elapsed_s: float
    refused: int = 0
    late: int = 0
    failures: int = 0

    @property
    def rate(self) -> float:
        """The goodput: answers a second."""
        return len(self.latencies_s) / self.elapsed_s

    @property
    def unanswered(self) -> int:
        """Requests that got no answer."""
        return self.refused + self.late + self.failures

    def percentile_ms(self, percent: float) -> float:
        """The latency that so many percent of answers did not exceed, in milliseconds; NaN without an answer."""
        return float(np.percentile(self.latencies_s, percent)) * 1000 if self.latencies_s else math.nan


def post(path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: str = "POST") -> bytes:
    """A request as it goes over the wire."""
    every = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": len(body), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in every.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def get(path: str) -> bytes:
    """A request without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


async def run_load(port: int, requests: Sequence[bytes], *, connections: int) -> Outcome:
    """Send each request once to 127.0.0.1, over so many connections; `Retry-After` is not waited for.

    Raises:
        ConnectionError: the server closed a connection before it answered.
    """
    left = iter(requests)
    loops = [_Loop(left) for _ in range(connections)]
    for one in loops:
        await one.connect(port)
    started = time.perf_counter()
    for one in loops:
        one.send_next()
    await asyncio.gather(*(one.done for one in loops))
    elapsed_s = time.perf_counter() - started
    counts = {name: sum(getattr(one, name) for one in loops) for name in ("refused", "late", "failures")}
    return Outcome([seconds for one in loops for seconds in one.latencies_s], elapsed_s, **counts)


class Connection(asyncio.Protocol):
    """A connection to 127.0.0.1 that asks one thing at a time."""

    def __init__(self, replied: Callable[[Reply], object], lost: Callable[[], object]) -> None:
        """Connect to nothing yet.

        Args:
            replied: called with each reply.
            lost: called when the connection has ended, whoever ended it.
        """
        self._replied, self._lost = replied, lost
        self._parser = httptools.HttpResponseParser(self)
        self._sent_at = 0.0
        self._retry_after: bytes | None = None

    async def connect(self, port: int) -> None:
        """Open it.

        Raises:
            OSError: nobody listens there.
        """
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    def send(self, request: bytes) -> None:
        """Ask."""
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def close(self) -> None:
        """End it, whatever is under way."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (narrows the type)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's)
        """Called by asyncio."""
        self._lost()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if name.lower() == b"retry-after":
            self._retry_after = value

    def on_message_complete(self) -> None:
        """Called by the parser."""
        seconds = time.perf_counter() - self._sent_at
        told = self._retry_after
        self._retry_after = None
        retry_after_s = float(told) if told is not None and told.isdigit() else None
        closes = not self._parser.should_keep_alive()
        self._replied(Reply(self._parser.get_status_code(), seconds, retry_after_s, closes))


class Asker:
    """A client that asks one thing after another, over a connection that it opens anew where it was closed."""

    def __init__(self, port: int) -> None:
        """Connect to nothing yet."""
        self._port = port
        self._connection: Connection | None = None
        self._reply: asyncio.Future[Reply] | None = None

    async def connect(self) -> Connection:
        """The connection, opened if there is none.

        Raises:
            OSError: nobody listens there.
        """
        if self._connection is None:
            connection = Connection(self._replied, self._lost)
            await connection.connect(self._port)
            self._connection = connection
        return self._connection

    async def ask(self, request: bytes) -> Reply:
        """Send a request and wait for its reply.

        Raises:
            OSError: nobody listens there.
            ConnectionError: the connection was closed before there was a reply.
        """
        connection = await self.connect()
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._reply = reply
        connection.send(request)
        return await reply

    async def abandon(self, request: bytes, after_s: float) -> None:
        """Send a request, or a part of one, and go away after a while without waiting for the reply.

        Raises:
            OSError: nobody listens there.
        """
        (await self.connect()).send(request)
        await asyncio.sleep(after_s)
        self.close()

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _replied(self, reply: Reply) -> None:
        if reply.closes:
            self.close()
        waiting, self._reply = self._reply, None
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    def _lost(self) -> None:
        self._connection = None
        waiting, self._reply = self._reply, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(ConnectionError("the server closed the connection before it answered"))


class _Loop:
    """A connection that sends what is left, one request after another."""

    def __init__(self, left: Iterator[bytes]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies_s: list[float] = []
        self.refused = self.late = self.failures = 0
        self._left = left
        self._connection = Connection(self._count, self._lost)

    async def connect(self, port: int) -> None:
        await self._connection.connect(port)

    def send_next(self) -> None:
        request = next(self._left, None)
        if request is None:
            self.done.set_result(None)
            self._connection.close()
        else:
            self._connection.send(request)

    def _count(self, reply: Reply) -> None:
        if reply.status == OK:
            self.latencies_s.append(reply.seconds)
        elif reply.status == REFUSED:
            self.refused += 1
        elif reply.status == LATE:
            self.late += 1
        else:
            self.failures += 1
        self.send_next()

    def _lost(self) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed the connection before it answered"))
