"""uvicorn's server, which loses no request when it ends.

Told to end, it says for `drain_s` that it is not ready, and closes each connection behind its answer. Then it listens
no more: who waits in the listener's queue is taken first. A connection that stays open may carry a request at this very
moment, so each may speak once more for a second; what it says is answered. Then what is in work is finished.
"""

import asyncio
import math
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from service.api.container import Container
from service.http.protocol import BoundedProtocol
from service.process.logs import logging_config
from service.process.signal_handlers import ENDING, receives_signals
from service.settings import Settings

FINISH_S = 10
"""How long what is in work may take when the server ends."""
LINGER_S = 1.0
"""How long a connection that says nothing may say something when the server ends."""
_MOMENT_S = 1
_POLL_S = 0.01


async def _at_once() -> None:
    return


class HttpServer(uvicorn.Server):
    """Serves an app on sockets that listen already."""

    def __init__(self, app: FastAPI, settings: Settings, may_accept: Callable[[], Awaitable[None]] = _at_once) -> None:
        """Configure it.

        Args:
            app: what answers.
            settings: what the operator decided.
            may_accept: returns when connections may be taken, once the app has started.
        """
        super().__init__(_configured(app, settings))
        self._app, self._drain_s, self._may_accept = app, settings.drain_s, may_accept
        self._ending = asyncio.Event()
        self._linger_s = LINGER_S

    def end(self, *, hurried: bool = False) -> None:
        """Begin to end; if `hurried`, listen no more at once, and give what is in work a moment alone."""
        if hurried:
            self._drain_s = self._linger_s = 0
            self.config.timeout_graceful_shutdown = _MOMENT_S
        if self._ending.is_set():
            return
        self._ending.set()
        container: Container | None = getattr(self._app.state, "container", None)
        if container is not None:
            container.readiness.drain()
        if self._drain_s and self.started:
            asyncio.get_running_loop().call_later(self._drain_s, self._exit)
        else:
            self._exit()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on signals; other than uvicorn's, the process then ends with code 0."""
        if receives_signals():
            loop = asyncio.get_running_loop()
            for number in ENDING:
                try:
                    loop.add_signal_handler(number, self._on_signal, number)
                except NotImplementedError:  # Windows
                    signal.signal(number, lambda number, _: loop.call_soon_threadsafe(self._on_signal, number))
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- uvicorn's signature
        """As a signal does."""
        self._on_signal(sig)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the app, and take connections as soon as that may be."""
        self._sockets = sockets or []
        await super().startup(sockets=[])
        admitted, ending = (asyncio.ensure_future(one) for one in (self._may_accept(), self._ending.wait()))
        await asyncio.wait((admitted, ending), return_when=asyncio.FIRST_COMPLETED)
        admitted.cancel()
        ending.cancel()
        if self._ending.is_set():
            return
        loop = asyncio.get_running_loop()
        for one in self._sockets:
            self.servers.append(await loop.create_server(self._protocol, sock=one, backlog=self.config.backlog))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 -- uvicorn's signature
        """End without a lost request."""
        await self._stop_listening()
        await self._let_speak()
        await super().shutdown()

    def _on_signal(self, number: int) -> None:
        if self._ending.is_set() and number == signal.SIGINT:
            self.force_exit = True  # somebody at a terminal does not want to wait
            self._exit()
        self.end()

    def _exit(self) -> None:
        self.should_exit = True

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def _stop_listening(self) -> None:
        """Close the listeners. Whoever waits is taken: with the last descriptor of a queue, the kernel resets them."""
        last = [one.dup() for one in self._sockets] if self.servers else []
        for server in self.servers:
            server.close()
        for one in self._sockets:
            one.close()
        await asyncio.sleep(0)  # the loop closes what it had in its next turn
        taken: list[socket.socket] = []
        for listener in last:
            listener.setblocking(False)
            with listener:
                taken += _waiting(listener)
        loop = asyncio.get_running_loop()
        for connection in taken:
            connection.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, connection)

    async def _let_speak(self) -> None:
        """Wait until each connection has been closed behind an answer, for a second at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._linger_s
        while self.server_state.connections and not self.force_exit and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """Connections that wait to be accepted."""
    while True:
        try:
            yield listener.accept()[0]
        except ConnectionAbortedError:
            continue  # that one has been given up meanwhile
        except OSError:  # nobody waits any more
            return


def _configured(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        timeout_keep_alive=math.ceil(settings.keep_alive_s),
        access_log=False,
        server_header=False,
        log_config=logging_config(settings.log_level, as_json=settings.log_format == "json"),
        timeout_graceful_shutdown=FINISH_S,
    )
