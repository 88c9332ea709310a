"""uvicorn's HTTP/1.1 protocol with limits on what a client can make it hold, and for how long.

One request is read at a time. What a client sends behind it waits, unparsed, until that is answered; reading from the
connection pauses meanwhile. The parser gets a head up to its end and no further, and a body up to its length.

A connection is in one of these states:

  idle       no byte of a request has arrived: closed after `keep_alive_s`
  head       part of a head has arrived: 408 after `head_s`
  request    the head is complete: the app reads the body and answers (`service/http/uploads.py` limits the body's time)
  lingering  the last answer is written; what the client still sends is read and discarded until it closes too, or its
             system would discard the answer together with the connection (RFC 9112 §9.6)
"""

import asyncio
import math
import time
from enum import Enum
from typing import Any, cast

import httptools
from typing_extensions import override  # the standard library has it from Python 3.12 on
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from service.admission.connection_history import ConnectionHistory
from service.http.connections import Ports
from service.http.refusals import (
    HEAD_TIMEOUT,
    HEAD_TOO_LARGE,
    LINE_TOO_LONG,
    MALFORMED,
    NO_TUNNEL,
    NO_UPGRADE,
    TOO_MANY_CONNECTIONS,
    UNKNOWN_CODING,
    Refusal,
)
from service.http.request_state import RequestState
from service.http.transports import HeldFlow, LingeringTransport

_READING = frozenset({"GET", "HEAD"})
_CHUNKED_PIECE, _PASS_BYTES = 2048, 64 * 1024
_FRAMING_BYTES = 64 * 1024
_HEAD_END = b"\r\n\r\n"


class _State(Enum):
    IDLE, HEAD, REQUEST, LINGERING, CLOSED = range(5)


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.due_s = math.inf
        ports: Ports = app_state[Ports.KEY]
        self._kept = ports.main
        self._history = ConnectionHistory()
        self._request = RequestState(self._history)
        self._state = _State.IDLE
        self._unread, self._begun = b"", 0  # received bytes, and how many of them are parsed
        self._refused: Refusal | None = None
        self._upgrade = False
        self._ends = False  # no request is read after the one in work
        self._running: tuple[RequestResponseCycle, asyncio.Task[None]] | None = None
        self._write_due_s, self._unwritten = math.inf, 0
        self._lingers_until_s, self._lingered = 0.0, 0
        self._begin()

    def _begin(self) -> None:
        """Reset what belongs to one request."""
        self._head_bytes, self._tail = 0, b""
        self._body_left: int | None = None  # None: chunked
        self._framing_bytes = 0
        self._parsed = self._uploads = False
        self._keeps_alive = True

    # Called by the event loop.

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self._flow = self.flow = HeldFlow(self.transport)
        self._lingering = cast("asyncio.Transport", LingeringTransport(self.transport, self._close_answered))
        ports: Ports = self.app_state[Ports.KEY]
        self._kept = ports.of(None if self.server is None else self.server[1])
        if self._kept.add(self):
            self._wait(_State.IDLE, self._kept.bounds.keep_alive_s)
        else:
            self._state = _State.CLOSED
            self.transport.write(TOO_MANY_CONNECTIONS.to_bytes(self.server_state.default_headers))
            self.transport.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._kept.remove(self)
        self._state, self.due_s = _State.CLOSED, math.inf
        self._keep_unread(b"")
        self._give_up()
        super().connection_lost(exc)
        # Both refer to the connection: together they would stay in memory until the next full collection.
        self.cycle = None  # type: ignore[assignment]
        self._lingering = None  # type: ignore[assignment]
        self.pipeline.clear()

    @override
    def data_received(self, data: bytes) -> None:
        if self._state is _State.LINGERING:
            self._throw_away(len(data))
        elif self._state is not _State.CLOSED:
            self._keep_unread(self._unread[self._begun :] + data if self._unread else data)
            self._read_on()

    @override
    def eof_received(self) -> None:
        """Let the transport close, even if the client has only shut down its sending side."""

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_writing()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_due_s = math.inf
        self.due_s = math.inf if self._state is _State.REQUEST else self.due_s

    @override
    def shutdown(self) -> None:
        """Make a request that has begun to arrive the last one: the process is ending."""
        self._ends = True
        if self._state is _State.IDLE and not self._unread:
            self.transport.close()
        elif self._state is _State.REQUEST and self.cycle is not None:
            self.cycle.keep_alive = self._keeps_alive = False
        elif self._state is _State.LINGERING and self._parsed and not self.transport.get_write_buffer_size():
            self.transport.close()  # it has had its time

    # Called by the sweep over all connections.

    def expire(self) -> None:
        """Handle that the client has not acted in time."""
        if self._write_due_s <= self.loop.time():
            self._expect_progress()
        elif self._state is _State.HEAD:
            self._kept.refused.labels("timeout").inc()
            self._refuse(HEAD_TIMEOUT)
        elif self._state is _State.LINGERING and self.transport.get_write_buffer_size():
            self.due_s = min(self._write_due_s, self.loop.time() + self._kept.bounds.linger_pause_s)
        elif self._state is not _State.REQUEST:
            self._close()

    def abort(self) -> None:
        """Close the connection now, discarding what is still to be sent."""
        self.transport.abort()

    # Reading.

    def _read_on(self) -> None:
        """Parse what has arrived, up to the end of the request in progress; the rest waits."""
        enough = self._begun + _PASS_BYTES
        while self._begun < len(self._unread) and not self._is_busy():
            if self._begun >= enough and not self._body_left:  # tiny chunks are expensive: let others run
                self.loop.call_soon(self._read_on)
                break
            piece = self._next_piece()
            self._begun += len(piece) - len(self._parse(piece))
            if self._refused is not None:
                self._refuse(self._refused)
        if self._running is not None and self._running[0].more_body and not self._uploads:
            self._uploads = True
            self._kept.waits(self)
        if self._begun >= len(self._unread):
            self._keep_unread(b"")
        else:
            self._flow.hold(on=True)

    def _is_busy(self) -> bool:
        """True while a complete request is unanswered, or the connection is closing."""
        is_whole = self._state is _State.REQUEST and not self.cycle.more_body
        answered_first = is_whole or (self._running is not None and self._refused is not None)
        return answered_first or self.transport.is_closing()

    def _next_piece(self) -> bytes:
        data, begun = self._unread, self._begun
        if self._state is _State.REQUEST:
            # The length is unknown of chunks, and of a head that came in one piece with the end of a chunked body.
            return data[begun : begun + (self._body_left or _CHUNKED_PIECE)]
        if self._state is _State.IDLE:
            self._begin()
            self._wait(_State.HEAD, self._kept.bounds.head_s)
        # The four bytes that end a head may be split between two pieces.
        most = self._kept.bounds.head_bytes - self._head_bytes
        seen = self._tail + data[begun : begun + most + 1]
        found = seen.find(_HEAD_END)
        piece = seen[len(self._tail) :] if found < 0 else seen[len(self._tail) : found + len(_HEAD_END)]
        self._head_bytes += len(piece)
        self._tail = (self._tail + piece)[-3:]
        return piece

    def _parse(self, piece: bytes) -> bytes:
        """Parse a piece; returns what the parser left of it."""
        if self._state is _State.REQUEST and not self._body_left:
            self._framing_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            if self._refused is None:
                self._parse_without_upgrade()
            return piece[upgrade.args[0] :]
        except httptools.HttpParserError:
            self._refused = self._refused or MALFORMED
        if self._state is _State.HEAD and self._head_bytes > self._kept.bounds.head_bytes:
            self._refused = self._refused or HEAD_TOO_LARGE
        if self._framing_bytes > _FRAMING_BYTES:  # endless chunk extensions or trailers
            self._refused = self._refused or HEAD_TOO_LARGE
        return b""

    def _parse_without_upgrade(self) -> None:
        """Parse the same head again without its upgrade to another protocol (RFC 9110 §7.8).

        The parser takes whatever follows a head with `Upgrade`, even a body, as that other protocol's.
        """
        version = self.parser.get_http_version().encode()
        head = [self.scope["method"].encode(), b" ", self.url, b" HTTP/", version, b"\r\n"]
        for name, value in self.headers:
            if name == b"connection":
                kept = [one for one in value.split(b",") if one.strip().lower() not in (b"upgrade", b"http2-settings")]
                if not kept:
                    continue
                head += [name, b": ", b",".join(kept), b"\r\n"]
            elif name not in (b"upgrade", b"http2-settings"):
                head += [name, b": ", value, b"\r\n"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._upgrade = False
        self._parse(b"".join([*head, b"\r\n"]))

    def _keep_unread(self, data: bytes) -> None:
        """Replace the bytes that wait to be parsed."""
        self._kept.unread_bytes += len(data) - len(self._unread)
        self._unread, self._begun = data, 0
        if not data:
            self._flow.hold(on=False)
        elif self._kept.unread_bytes > self._kept.bounds.unread_bytes:
            self._kept.refused.labels("memory").inc()
            self.abort()

    # Called by the parser.

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._request = RequestState(self._history)
        self._request.attach(self.scope["state"])
        self._parsed = False

    @override
    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._kept.bounds.line_bytes:
            self._refused = self._refused or LINE_TOO_LONG

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= self._kept.bounds.headers:
            self._refused = self._refused or HEAD_TOO_LARGE
            return
        super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        self._refused = self._refused or self._refused_head()
        if self._refused is not None:
            return
        if self.parser.should_upgrade():
            self.scope["method"] = self.parser.get_method().decode("ascii")
            self._upgrade = True
            return
        super().on_headers_complete()
        self._work()
        self._keeps_alive, self.cycle.keep_alive = self.cycle.keep_alive and not self._ends, False
        self.cycle.transport = self._lingering

    def _refused_head(self) -> Refusal | None:
        self._body_left = 0
        for name, value in self.headers:
            if name == b"content-length":
                self._body_left = int(value)
            elif name == b"transfer-encoding":
                if value.strip().lower() != b"chunked":
                    return UNKNOWN_CODING
                self._body_left = None
            elif name == b"upgrade" and b"websocket" in value.lower():
                return NO_UPGRADE
        return NO_TUNNEL if self.parser.get_method() == b"CONNECT" else None

    @override
    def on_body(self, body: bytes) -> None:
        if self._refused is not None or self._upgrade:
            return
        self._framing_bytes = 0
        if self._body_left is not None:
            self._body_left -= len(body)
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        if self._refused is not None or self._upgrade:
            return
        self._parsed, self._framing_bytes = True, 0
        self._request.body_complete_s = time.perf_counter()
        if self._uploads:
            self._uploads = False
            self._kept.works(self)
        # Until here, an answer would have closed the connection.
        if not self.cycle.response_started:
            self.cycle.keep_alive = self._keeps_alive
        super().on_message_complete()

    # Answering.

    @override
    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        async def answer(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 (as uvicorn has it)
            try:
                if scope["method"] not in _READING:
                    await self._kept.starts.wait()
                await app(scope, receive, send)
            except asyncio.CancelledError:
                if not cycle.disconnected:
                    raise

        task = self.loop.create_task(cycle.run_asgi(answer))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        self._running = cycle, task

    def _give_up(self) -> None:
        """Cancel the answer in progress: nobody waits for it any more."""
        if self._running is not None:
            cycle, task = self._running
            cycle.disconnected = True
            task.cancel()
            self._running = None

    @override
    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self._running = None
        if self._state is _State.LINGERING or self.transport.is_closing():
            return
        if self._refused is not None and (not self.pipeline or self.pipeline[-1][0].more_body):
            self._refuse(self._refused)
            return
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._work()
            self._start_asgi_task(cycle, app)
        elif self._parsed:
            self._wait(_State.IDLE, self._kept.bounds.keep_alive_s)
        else:  # the beginning of the next head came with the end of a chunked body
            self._wait(_State.HEAD, self._kept.bounds.head_s)
        if self._unread:
            self.loop.call_soon(self._read_on)
        self.flow.resume_reading()

    def _refuse(self, why: Refusal) -> None:
        """Answer unreadable input, once the requests before it are answered."""
        if self._running is not None:
            if not self._running[0].more_body or self._running[0].response_started:
                return
            self._give_up()  # its own body is what can't be read
        self.pipeline.clear()
        if why is not HEAD_TIMEOUT:
            self._kept.refused.labels("malformed").inc()
        self.transport.write(why.to_bytes(self.server_state.default_headers))
        self._linger()

    def _linger(self) -> None:
        """Close once the client has closed, or has had time to read its answer."""
        if self._state in (_State.LINGERING, _State.CLOSED):
            return
        self._keep_unread(b"")
        self._lingers_until_s, self._lingered = self.loop.time() + self._kept.bounds.linger_s, 0
        self._wait(_State.LINGERING, self._kept.bounds.linger_pause_s)
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        self.flow.resume_reading()

    def _close_answered(self) -> None:
        """Close the connection after its last answer."""
        self._watch_writing()
        self._linger()

    def _throw_away(self, count: int) -> None:
        bounds = self._kept.bounds
        self._lingered += count
        self.due_s = min(self._lingers_until_s, self.loop.time() + bounds.linger_pause_s)
        if self._lingered > bounds.linger_bytes:
            self._close()

    def _close(self) -> None:
        """Close the connection without waiting for a client that does not read its answer."""
        self.due_s = math.inf
        if self.transport.get_write_buffer_size():
            self.abort()
        else:
            self.transport.close()

    # Waiting.

    def _wait(self, state: _State, seconds: float) -> None:
        self._state = state
        self.due_s = self.loop.time() + seconds
        self._kept.waits(self)

    def _work(self) -> None:
        self._state, self.due_s = _State.REQUEST, self._write_due_s
        self._kept.works(self)

    def _watch_writing(self) -> None:
        self._unwritten = self.transport.get_write_buffer_size()
        self._write_due_s = self.loop.time() + self._kept.bounds.send_s
        self.due_s = min(self.due_s, self._write_due_s)

    def _expect_progress(self) -> None:
        if self.transport.get_write_buffer_size() < self._unwritten:
            self._watch_writing()
            self.due_s = self._write_due_s
        else:
            self._kept.refused.labels("timeout").inc()
            self.abort()
