"""uvicorn's server with a shutdown that loses no request.

For `drain_s` it reports that it is not ready, and closes each connection after its answer. Then it stops listening,
once the connections in the listener's queue are accepted. An open connection may carry a request at this very moment,
so each has another second; requests that arrive are answered. Finally, requests in progress are finished.
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
from service.process.signal_handlers import ENDING, exit_if_lost, receives_signals
from service.server.shutdown import FINISH_S, LINGER_S
from service.settings import Settings

_MOMENT_S = 1
_POLL_S = 0.01


async def _at_once() -> None:
    return


class HttpServer(uvicorn.Server):
    """Serves an app on listening sockets."""

    def __init__(self, app: FastAPI, settings: Settings, may_accept: Callable[[], Awaitable[None]] = _at_once) -> None:
        """Configure the server; `may_accept` returns when connections may be accepted, after the app has started."""
        super().__init__(_configured(app, settings))
        self._app, self._drain_s, self._may_accept = app, settings.drain_s, may_accept
        self._ending = asyncio.Event()
        self._linger_s = LINGER_S

    def end(self, *, immediately: bool = False) -> None:
        """Begin the shutdown; `immediately` skips draining, and gives requests in progress only a moment."""
        if immediately:
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
        """Shut down on signals; unlike with uvicorn's server, the process then exits with code 0."""
        if receives_signals():
            loop = asyncio.get_running_loop()
            for number in ENDING:
                try:
                    loop.add_signal_handler(number, self._on_signal, number)
                except NotImplementedError:  # Windows
                    signal.signal(number, lambda number, _: loop.call_soon_threadsafe(self._on_signal, number))
            exit_if_lost()
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- uvicorn's signature
        """Handle a signal."""
        self._on_signal(sig)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the app, and accept connections as soon as that is allowed."""
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
        """Shut down without losing a request."""
        await self._stop_listening()
        await self._linger()
        await super().shutdown()

    def _on_signal(self, number: int) -> None:
        if self._ending.is_set() and number == signal.SIGINT:
            self.force_exit = True  # the second Ctrl-C: somebody at a terminal does not want to wait
            self._exit()
        self.end()

    def _exit(self) -> None:
        self.should_exit = True

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def _stop_listening(self) -> None:
        """Close the listeners, accepting what is queued: with a queue's last descriptor, the kernel would reset it."""
        last = [one.dup() for one in self._sockets] if self.servers else []
        for server in self.servers:
            server.close()
        for one in self._sockets:
            one.close()
        await asyncio.sleep(0)  # the loop closes its own descriptors in its next pass
        accepted: list[socket.socket] = []
        for listener in last:
            listener.setblocking(False)
            with listener:
                accepted += _queued(listener)
        loop = asyncio.get_running_loop()
        for connection in accepted:
            connection.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, connection)

    async def _linger(self) -> None:
        """Wait until each connection has been closed after an answer, for a second at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._linger_s
        while self.server_state.connections and not self.force_exit and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)


def _queued(listener: socket.socket) -> Iterator[socket.socket]:
    """Accept the connections in a listener's queue."""
    while True:
        try:
            yield listener.accept()[0]
        except ConnectionAbortedError:
            continue  # its client has given up
        except OSError:  # the queue is empty
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
