"""A worker's end of the channel to its supervisor."""

import _thread
import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from service.workers.message import Message


class Link:
    """Listens on a thread of its own from the start, so that a worker can be stopped while it is still importing.

    A worker whose supervisor is gone ends: `on_lost` is called, and the process exits `finish_s` later, whatever it is
    doing. This works on any operating system: the other end of the channel is closed with the process that held it.
    """

    def __init__(self, connection: Connection, *, finish_s: float) -> None:
        """Start listening at this end."""
        self._connection, self._finish_s = connection, finish_s
        self._sending = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_message: Callable[[Message], None] | None = None
        self._on_lost: Callable[[], None] | None = None
        threading.Thread(target=self._listen, name="supervisor", daemon=True).start()

    def attach(self, on_message: Callable[[Message], None], on_lost: Callable[[], None]) -> None:
        """Call both in the running event loop from now on."""
        self._on_message, self._on_lost = on_message, on_lost
        self._loop = asyncio.get_running_loop()

    def send(self, message: Message) -> None:
        """Send a message to the supervisor; the listening thread notices if it is gone."""
        with self._sending:
            try:
                self._connection.send_bytes(message.to_bytes())
            except OSError:
                return

    def _listen(self) -> None:
        while True:
            try:
                message = Message.from_bytes(self._connection.recv_bytes())
            except (EOFError, OSError):
                break
            self._handle(message)
        self._lose()

    def _handle(self, message: Message) -> None:
        loop, on_message = self._loop, self._on_message
        if loop is not None and on_message is not None:
            _call(loop, lambda: on_message(message))
        elif message.kind == "ping":
            self.send(Message("pong"))
        elif message.kind == "stop":
            _thread.interrupt_main(signal.SIGTERM)

    def _lose(self) -> None:
        if self._loop is not None and self._on_lost is not None:
            _call(self._loop, self._on_lost)
            time.sleep(self._finish_s)
        os._exit(1)


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:
        return  # the loop has ended, and the process is about to exit
