import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from loadtests.harness.closed_loop import Client, LoadResult, Reply, get, post, run_load


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that reads each request and gives the answers in turn, the last one again and again, in two parts."""
    received: list[bytes] = []
    handlers: set[asyncio.Task[None] | None] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(asyncio.current_task())
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
        await asyncio.gather(*filter(None, handlers))


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
LATE = b"HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\n\r\n"
REFUSED = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\ncontent-length: 0\r\n\r\n"
WRONG = b"HTTP/1.1 422 Unprocessable Content\r\ncontent-length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
CLOSING = b"HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"


async def test_each_request_is_sent_once_and_timed() -> None:
    async with answering(OK) as (port, received):
        outcome = await run_load(port, [post("/x", b"{}")] * 5 + [get("/y")] * 5, connections=3)
    assert len(received) == len(outcome.latencies_s) == 10
    assert outcome.unanswered == 0
    assert 0 < outcome.percentile_ms(50) <= outcome.percentile_ms(99)
    assert outcome.rate == pytest.approx(10 / outcome.elapsed_s)


async def test_what_is_refused_and_what_fails_are_counted_apart() -> None:
    async with answering(OK, REFUSED, LATE, REFUSED, WRONG) as (port, _):
        outcome = await run_load(port, [get("/")] * 5, connections=1)
    assert (outcome.refused, outcome.late, outcome.failures, outcome.unanswered) == (2, 1, 1, 4)


async def test_only_answers_count_as_answered() -> None:
    async with answering(REFUSED, REFUSED, OK) as (port, _):
        outcome = await run_load(port, [get("/")] * 3, connections=1)
    assert len(outcome.latencies_s) == 1
    assert outcome.rate == pytest.approx(1 / outcome.elapsed_s)
    assert math.isnan(LoadResult([], 1.0, refused=3).percentile_ms(50))
    assert LoadResult([], 1.0, refused=3).rate == 0


async def test_an_answer_in_chunks_is_read_to_its_end() -> None:
    async with answering(CHUNKED) as (port, received):
        outcome = await run_load(port, [get("/")] * 3, connections=1)
    assert len(outcome.latencies_s) == len(received) == 3


async def test_a_client_gets_all_that_matters_of_a_reply() -> None:
    async with answering(REFUSED) as (port, _):
        client = Client(port)
        reply = await client.send(get("/"))
        client.close()
    assert reply == Reply(429, reply.seconds, retry_after_s=7.0, closes=False)
    assert reply.seconds > 0


async def test_a_client_comes_again_where_the_server_has_closed_the_connection() -> None:
    async with answering(CLOSING) as (port, received):
        client = Client(port)
        replies = [await client.send(get("/")) for _ in range(3)]
        client.close()
    assert [reply.status for reply in replies] == [413] * 3
    assert all(reply.closes for reply in replies)
    assert len(received) == 3


async def test_a_client_without_a_reply_is_reported() -> None:
    async with answering(b"") as (port, _):
        with pytest.raises(ConnectionError):
            await Client(port).send(get("/"))


async def test_a_client_that_goes_away_may_come_again() -> None:
    async with answering(OK) as (port, received):
        client = Client(port)
        await client.abandon(post("/x", b"{}")[:20], after_s=0.01)
        assert (await client.send(get("/"))).status == 200
        client.close()
    assert received[0] == b"POST /x HTTP/1.1\r\nHo"


async def test_a_connection_that_ends_early_is_reported() -> None:
    async with answering(b"") as (port, _):
        with pytest.raises(ConnectionError):
            await run_load(port, [get("/")], connections=1)
