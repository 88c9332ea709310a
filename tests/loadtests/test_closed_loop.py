import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from loadtests.closed_loop import get, post, run_load


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that reads each request and gives the answers in turn, the last one again and again, in two parts."""
    received: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = list(answers)
        while head := await reader.read(65_536):
            received.append(head)
            answer = left.pop(0) if len(left) > 1 else left[0]
            writer.write(answer[:20])
            await asyncio.sleep(0.001)
            writer.write(answer[20:])
            if not answer:
                break
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], received


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
LATE = b"HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\n\r\n"
REFUSED = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n"


async def test_each_request_is_sent_once_and_timed() -> None:
    async with answering(OK) as (port, received):
        outcome = await run_load(port, [post("/x", b"{}")] * 5 + [get("/y")] * 5, connections=3)
    assert len(received) == len(outcome.latencies_s) == 10
    assert outcome.failures == 0
    assert 0 < outcome.percentile_ms(50) <= outcome.percentile_ms(99)
    assert outcome.rate == pytest.approx(10 / outcome.elapsed_s)


async def test_what_is_refused_and_what_fails_are_counted_apart() -> None:
    async with answering(OK, REFUSED, LATE, REFUSED) as (port, _):
        outcome = await run_load(port, [get("/")] * 4, connections=1)
    assert (outcome.refused, outcome.failures) == (2, 1)


async def test_a_connection_that_ends_early_is_told() -> None:
    async with answering(b"") as (port, _):
        with pytest.raises(ConnectionError):
            await run_load(port, [get("/")], connections=1)
