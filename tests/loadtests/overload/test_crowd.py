import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import repeat

import pytest

from loadtests.harness.closed_loop import Reply, get
from loadtests.overload.crowd import PAUSE_S, Crowd, burst, crowd

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
REFUSED = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"


@asynccontextmanager
async def service(*, refuses_until_s: float = 0.0) -> AsyncIterator[tuple[int, list[float]]]:
    """A port, and when requests came; it refuses all of them for a while."""
    came: list[float] = []
    handlers: set[asyncio.Task[None] | None] = set()
    started = time.perf_counter()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(asyncio.current_task())
        while await reader.read(65_536):
            came.append(time.perf_counter() - started)
            await asyncio.sleep(0.01)
            writer.write(REFUSED if came[-1] < refuses_until_s else OK)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], came
        await asyncio.gather(*filter(None, handlers))


async def test_clients_ask_again_when_they_are_answered() -> None:
    async with service() as (port, came):
        seen = await crowd(port, [repeat(get("/"))] * 3, 0.3)
    assert len(seen.answered) == len(seen.attempts) == len(came)
    assert 6 <= len(came) <= 3 * 31
    assert seen.goodput() == pytest.approx(len(came) / seen.elapsed_s)
    assert seen.retry_after_s is None
    assert seen.promises_kept is None


async def test_most_come_again_at_once_and_every_tenth_waits_as_told() -> None:
    async with service(refuses_until_s=0.5) as (port, _):
        seen = await crowd(port, [repeat(get("/"))] * 10, 1.8)
    assert seen.retry_after_s == (1, 1)
    # The patient one was refused once, and then answered; the nine others tried about every pause.
    assert seen.promises_kept == 1
    assert sum(one.waited for one in seen.attempts) == 1
    assert 9 < seen.refused <= 10 + 9 * 0.5 / PAUSE_S


async def test_a_burst_comes_at_once() -> None:
    async with service() as (port, came):
        seen = await burst(port, [get("/")] * 20, settle_s=0.05)
    assert len(seen.answered) == len(came) == 20


async def test_who_loses_the_connection_has_failed() -> None:
    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    async with server:
        seen = await burst(server.sockets[0].getsockname()[1], [get("/")] * 2, settle_s=0)
    assert seen.failed == 2


def test_figures() -> None:
    attempts = [Reply(200, 0.05), Reply(200, 0.11), Reply(504, 0.1), Reply(504, 0.2), Reply(429, 0.9, 3.0)]
    seen = Crowd([*attempts, Reply(500, 0.01), Reply(429, 0.01, 7.0, waited=True)], elapsed_s=2.0)
    assert (len(seen.answered), seen.refused, seen.late, seen.failed) == (2, 2, 2, 1)
    assert (seen.goodput(), seen.goodput(0.1)) == (1.0, 0.5)
    assert seen.ended_in_time(0.1) == 4 / 5
    assert seen.percentile_ms(100) == pytest.approx(110)
    assert seen.retry_after_s == (3, 7)
    assert seen.promises_kept == 0
    assert math.isnan(Crowd([], 1.0).percentile_ms(50))
    assert Crowd([], 1.0).ended_in_time(0.1) is None
