"""Wrappers between uvicorn and a connection's transport."""

import asyncio
from collections.abc import Callable

from typing_extensions import override  # the standard library has it from Python 3.12 on
from uvicorn.protocols.http.flow_control import FlowControl


class HeldFlow(FlowControl):
    """Flow control that keeps reading paused while unparsed bytes are held, whatever uvicorn asks for."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._held = self._asked = False

    def hold(self, *, on: bool) -> None:
        """Pause reading, or stop pausing it."""
        if on != self._held:
            self._held = on
            self._follow()

    @override
    def pause_reading(self) -> None:
        self._asked = True
        self._follow()

    @override
    def resume_reading(self) -> None:
        self._asked = False
        self._follow()

    def _follow(self) -> None:
        if self._transport.is_closing():
            return
        if self._held or self._asked:
            super().pause_reading()
        else:
            super().resume_reading()


class LingeringTransport:
    """A transport whose `close` is replaced, so that a body which is still arriving is read first."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write, self.is_closing, self.close = transport.write, transport.is_closing, close
