"""A closed-loop load generator: each connection sends its next request when the last one is answered.

Of an answer it keeps status, latency and `Retry-After` only, so that one core of it can saturate a server on one core.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import httptools
import numpy as np

LOST, OK, REFUSED, LATE = 0, 200, 429, 504


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request.

    Attributes:
        status: HTTP status; `LOST` if the connection was lost.
        seconds: from the first byte sent to the last byte received.
        retry_after_s: value of `Retry-After`; None without one.
        closes: whether the server closes the connection with it.
        waited: whether the client had obeyed the `Retry-After` of a refusal before this request.
    """

    status: int
    seconds: float
    retry_after_s: float | None = None
    closes: bool = False
    waited: bool = False


@dataclass(frozen=True)
class LoadResult:
    """The result of a load.

    Attributes:
        latencies_s: of each answer with status 200, from the first byte sent to the last byte received.
        elapsed_s: from the first request to the last reply.
        refused: number of replies with status 429.
        late: number of replies with status 504.
        failures: number of replies with any other status.
    """

    latencies_s: Sequence[float]
    elapsed_s: float
    refused: int = 0
    late: int = 0
    failures: int = 0

    @property
    def rate(self) -> float:
        """Goodput: answers per second."""
        return len(self.latencies_s) / self.elapsed_s

    @property
    def unanswered(self) -> int:
        """Number of requests without an answer."""
        return self.refused + self.late + self.failures

    def percentile_ms(self, percent: float) -> float:
        """Percentile of the latency in milliseconds; NaN without an answer."""
        return float(np.percentile(self.latencies_s, percent)) * 1000 if self.latencies_s else math.nan


def post(path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: str = "POST") -> bytes:
    """Encode a request with a body."""
    every = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": len(body), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in every.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def get(path: str) -> bytes:
    """Encode a request without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


async def run_load(port: int, requests: Sequence[bytes], *, connections: int) -> LoadResult:
    """Send each request once to 127.0.0.1 over several connections; `Retry-After` is ignored.

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
    return LoadResult([seconds for one in loops for seconds in one.latencies_s], elapsed_s, **counts)


class Connection(asyncio.Protocol):
    """A connection to 127.0.0.1 with one request in flight at a time."""

    def __init__(self, replied: Callable[[Reply], object], lost: Callable[[], object]) -> None:
        """Create it; `connect` opens it.

        Args:
            replied: called with each reply.
            lost: called when the connection is closed by either side.
        """
        self._replied, self._lost = replied, lost
        self._parser = httptools.HttpResponseParser(self)
        self._sent_at = 0.0
        self._retry_after: bytes | None = None

    async def connect(self, port: int) -> None:
        """Open it.

        Raises:
            OSError: nothing listens on the port.
        """
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def close(self) -> None:
        """Close it, even with a request in flight."""
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
        value = self._retry_after
        self._retry_after = None
        retry_after_s = float(value) if value is not None and value.isdigit() else None
        closes = not self._parser.should_keep_alive()
        self._replied(Reply(self._parser.get_status_code(), seconds, retry_after_s, closes))


class Client:
    """A client with one request in flight at a time, which reconnects after its connection was closed."""

    def __init__(self, port: int) -> None:
        """Create it; the connection is opened when needed."""
        self._port = port
        self._connection: Connection | None = None
        self._reply: asyncio.Future[Reply] | None = None

    async def connect(self) -> Connection:
        """The connection, opened if necessary.

        Raises:
            OSError: nothing listens on the port.
        """
        if self._connection is None:
            connection = Connection(self._replied, self._lost)
            await connection.connect(self._port)
            self._connection = connection
        return self._connection

    async def send(self, request: bytes) -> Reply:
        """Send a request and wait for its reply.

        Raises:
            OSError: nothing listens on the port.
            ConnectionError: the connection was closed before the reply.
        """
        connection = await self.connect()
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._reply = reply
        connection.send(request)
        return await reply

    async def abandon(self, request: bytes, after_s: float) -> None:
        """Send a request or a part of one, and close the connection after a while without waiting for the reply.

        Raises:
            OSError: nothing listens on the port.
        """
        (await self.connect()).send(request)
        await asyncio.sleep(after_s)
        self.close()

    def close(self) -> None:
        """Close the connection, if there is one."""
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
    """A connection that sends the remaining requests, one after another."""

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
