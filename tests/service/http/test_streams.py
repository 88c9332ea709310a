"""The protocol against whatever may come over a connection, cut anywhere: it answers, closes, and does nothing more."""

import asyncio
import gc
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn.server import ServerState

from service.http.bounds import Bounds
from service.http.connections import Connections, Ports
from service.http.protocol import BoundedProtocol
from service.metrics.registry import Metrics
from tests.service.apps import until
from tests.service.http.streams import pieces, stream

PATIENT = Bounds(head_bytes=8192, line_bytes=2048, headers=20)
HASTY = Bounds(
    connections=32,
    head_bytes=8192,
    line_bytes=2048,
    headers=20,
    keep_alive_s=0.2,
    head_s=0.2,
    send_s=0.5,
    linger_s=0.5,
    linger_pause_s=0.2,
)
SOME_ANSWER = b"x" * 3000
LARGE_ANSWER = b"x" * 16_000_000
STATUS = re.compile(rb"HTTP/1.1 (\d+)")
CLOSED, OPEN, RESET = "closed", "open", "reset"


@dataclass
class Running:
    """A server in this process.

    Attributes:
        port: where it listens.
        kept: its connections.
        state: uvicorn's.
        parsed: how many pieces its parsers have got.
    """

    port: int
    kept: Connections
    state: ServerState
    parsed: Callable[[], int]


@dataclass
class Counted:
    """Pieces that were parsed, and those of them with which nothing got on."""

    pieces: int = 0
    stuck: list[bytes] = field(default_factory=list)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer by the path, most often once the body is there."""
    path = scope["path"]
    while path != "/early":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message["more_body"]:
            break
    if path == "/slow":
        await asyncio.sleep(0.002)
    if path == "/fails":
        raise ValueError
    body = LARGE_ANSWER if path == "/large" else SOME_ANSWER
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    if path == "/breaks":
        raise ValueError
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def running(bounds: Bounds) -> AsyncIterator[Running]:
    counted = Counted()

    class Watched(BoundedProtocol):
        @override
        def _next_piece(self) -> bytes:
            piece = super()._next_piece()
            counted.pieces += 1
            if not piece:
                counted.stuck.append(piece)
                self.abort()
            return piece

    metrics = Metrics()
    kept, state = Connections(bounds, metrics.connections, metrics.refused), ServerState()
    config = uvicorn.Config(answer, http=Watched, ws="none", log_config=None, access_log=False)
    config.load()
    of_app = {Ports.KEY: Ports(kept, kept, None)}
    loop, wrong = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, context: wrong.append(context))
    listener = await loop.create_server(lambda: Watched(config, state, of_app), "127.0.0.1", 0)
    try:
        yield Running(listener.sockets[0].getsockname()[1], kept, state, lambda: counted.pieces)
    finally:
        listener.close()
        for one in list(state.connections):
            one.transport.abort()
    assert counted.stuck == []
    assert wrong == []


async def asked(port: int, sent: list[bytes], *, pause_s: float = 0.0, wait_s: float = 1.0) -> tuple[list[int], str]:
    """The statuses of the answers, and how the connection is in the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(OSError, RuntimeError):
        for piece in sent:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
    read, end = b"", CLOSED
    try:
        while piece := await asyncio.wait_for(reader.read(65536), wait_s):
            read += piece
    except TimeoutError:
        end = OPEN
    except OSError:
        end = RESET
    writer.transport.abort()
    return [int(one) for one in STATUS.findall(read)], end


def open_descriptors() -> int:
    """The number of this process's open descriptors; 0 where the system does not list them."""
    return len(list(Path("/proc/self/fd").glob("*")))


@pytest.fixture(autouse=True)
def _silent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", logger="uvicorn.error")  # it tells of each answer that fails


async def test_how_requests_are_cut_changes_no_answer() -> None:
    draw = random.Random(20)
    async with running(PATIENT) as server:

        async def is_one() -> None:
            sent = stream(draw, (b"/", b"/", b"/slow", b"/fails", b"/" + b"a" * 300))
            whole, *cut = await asyncio.gather(
                asked(server.port, [sent]), *(asked(server.port, pieces(draw, sent), pause_s=1e-3) for _ in range(3))
            )
            assert cut == [whole] * 3, sent
            assert whole[1] != RESET, sent

        for _ in range(8):
            await asyncio.gather(*(is_one() for _ in range(10)))


@pytest.fixture
def protocols() -> Iterator[Callable[[], int]]:
    """Counts the protocols in memory, while nothing collects garbage."""
    gc.collect()
    gc.disable()
    try:
        yield lambda: sum(issubclass(type(one), BoundedProtocol) for one in gc.get_objects())
    finally:
        gc.enable()


async def test_whatever_comes_nothing_is_left_of_it(protocols: Callable[[], int]) -> None:
    paths = (b"/", b"/slow", b"/early", b"/fails", b"/breaks")

    async def leave(port: int, draw: random.Random) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(OSError, RuntimeError):
            for piece in pieces(draw, stream(draw, paths)):
                writer.write(piece)
                await asyncio.sleep(draw.choice((0, 0, 1e-3)))
            if draw.random() < 0.3:
                writer.write_eof()
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(10**9), draw.choice((0, 0.01, 0.05)))
        writer.transport.abort()

    draw = random.Random(20)
    async with running(HASTY) as server:
        await asked(server.port, [b"GET / HTTP/1.0\r\n\r\n"])
        await until(lambda: not server.state.connections)
        descriptors = open_descriptors()
        for _ in range(40):
            await asyncio.gather(*(leave(server.port, draw) for _ in range(10)))
        await until(lambda: not (server.state.connections or server.state.tasks))
        assert (len(server.kept), server.kept.unread_bytes) == (0, 0)
        await until(lambda: open_descriptors() <= descriptors)
        await until(lambda: protocols() == 0)
        parsed = server.parsed()
        await asyncio.sleep(0.3)
        assert server.parsed() == parsed
        assert await asked(server.port, [b"GET / HTTP/1.0\r\n\r\n"]) == ([200], CLOSED)


CHUNKED = b"POST /slow HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("behind", "answers"),
    [
        (b"nonsense\r\n\r\n", [200, 400]),
        (b"GET / HTTP/1.1\r\n\r\nnonsense\r\n\r\n", [200, 200, 400]),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", [200, 400]),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", [200, 501]),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 90_000 + b"\r\n\r\n", [200, 431]),
        (b"GET / HTTP/1.1\r\nX:", [200, 408]),
    ],
    ids=repr,
)
async def test_what_is_wrong_behind_a_request_takes_nothing_from_it(behind: bytes, answers: list[int]) -> None:
    async with running(HASTY) as server:
        assert await asked(server.port, [CHUNKED + behind]) == (answers, CLOSED)


@pytest.mark.parametrize("behind", [b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"x" * 100_000])
@pytest.mark.parametrize("last", [b"GET / HTTP/1.0\r\n\r\n", b"GET /fails HTTP/1.1\r\n\r\n"])
async def test_bytes_behind_the_last_request_take_no_answer_along(last: bytes, behind: bytes) -> None:
    async with running(PATIENT) as server:
        for sent in ([last + behind], [last, behind, behind, behind]):
            statuses, end = await asked(server.port, sent, pause_s=0.02)
            assert len(statuses) == 1
            assert end == CLOSED


async def test_a_large_last_answer_reaches_whoever_takes_it_slowly() -> None:
    async with running(HASTY) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=65536)
        writer.write(b"GET /large HTTP/1.0\r\n\r\n")
        read = b""
        for _ in range(10):
            await asyncio.sleep(0.15)  # together longer than one waits for a client that says nothing
            read += await reader.readexactly(400_000)
        read += await reader.read(-1)
        writer.close()
    assert read.endswith(b"\r\n\r\n" + LARGE_ANSWER)
