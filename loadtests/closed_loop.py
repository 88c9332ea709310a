"""A closed-loop load generator: each connection sends its next request when the last one is answered.

It parses no more of an answer than its length and status, so that one core of it keeps a server of one core busy.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

_HEAD_END = b"\r\n\r\n"
_VERSION = b"http/1.1 "
_LENGTH = b"content-length: "


@dataclass(frozen=True)
class Outcome:
    """What a load came to.

    Attributes:
        latencies_s: of each request, from its first byte sent to its last byte received.
        elapsed_s: from the first request to the last answer.
        refused: answers with status 429: the server had too much to do.
        failures: answers with any other status than 200.
    """

    latencies_s: Sequence[float]
    elapsed_s: float
    refused: int
    failures: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies_s) / self.elapsed_s

    def percentile_ms(self, percent: float) -> float:
        """The latency that so many percent of requests did not exceed, in milliseconds."""
        return float(np.percentile(self.latencies_s, percent)) * 1000


def post(path: str, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    return head.encode() + b"\r\n" + body


def get(path: str) -> bytes:
    """A request without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


async def run_load(port: int, requests: Sequence[bytes], *, connections: int) -> Outcome:
    """Send each request once to 127.0.0.1, over so many connections.

    Raises:
        ConnectionError: the server closed a connection before it answered.
    """
    loop = asyncio.get_running_loop()
    left = iter(requests)
    opened = [await loop.create_connection(lambda: _Connection(left), "127.0.0.1", port) for _ in range(connections)]
    protocols = [protocol for _, protocol in opened]
    started = time.perf_counter()
    for protocol in protocols:
        protocol.send_next()
    await asyncio.gather(*(protocol.done for protocol in protocols))
    elapsed = time.perf_counter() - started
    latencies = [one for protocol in protocols for one in protocol.latencies_s]
    refused, failures = (sum(getattr(one, count) for one in protocols) for count in ("refused", "failures"))
    return Outcome(latencies, elapsed, refused, failures)


class _Connection(asyncio.Protocol):
    """A connection that asks one thing after another."""

    def __init__(self, left: Iterator[bytes]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies_s: list[float] = []
        self.refused = self.failures = 0
        self._left = left
        self._received = bytearray()
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (narrows the type)
        self._transport = transport

    def send_next(self) -> None:
        request = next(self._left, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(_HEAD_END)
        if head_end < 0:
            return
        head = bytes(self._received[:head_end]).lower()
        length = int(head.partition(_LENGTH)[2].partition(b"\r")[0])
        if len(self._received) < head_end + len(_HEAD_END) + length:
            return
        self.latencies_s.append(time.perf_counter() - self._sent_at)
        status = head[len(_VERSION) :].partition(b" ")[0]
        self.refused += status == b"429"
        self.failures += status not in {b"200", b"429"}
        self._received.clear()
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"the server closed the connection: {exc}"))
