"""A TCP proxy that corrupts, delays or cuts the traffic; faults can be switched while connections are open."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum

_CHUNK = 65_536


class Fault(Enum):
    """The fault applied to the server's replies."""

    NONE = "passes"
    SLOW = "comes late"
    SILENT = "never comes"
    GARBAGE = "is replaced by bytes that are no answer"
    CUT = "ends after so many bytes of each connection"
    CLOSED = "ends: connections are closed and refused"


@dataclass
class FaultProxy:
    """Listens on a port and forwards to another.

    Attributes:
        port: of 127.0.0.1.
        fault: the current fault.
        delay_s: delay of `SLOW`.
        cut_bytes: number of bytes before a connection is cut.
    """

    upstream_port: int
    port: int = 0
    fault: Fault = Fault.NONE
    delay_s: float = 0.2
    cut_bytes: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _handling: set[asyncio.Task[None]] = field(default_factory=set)

    def become(self, fault: Fault) -> None:
        """Switch the fault; `CLOSED` closes all open connections."""
        self.fault = fault
        if fault is Fault.CLOSED:
            for writer in self._writers:
                writer.close()

    async def close(self) -> None:
        """Close all connections and wait for their tasks."""
        self.become(Fault.CLOSED)
        await asyncio.gather(*self._handling)

    def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward a connection."""
        task = asyncio.create_task(self._handle(reader, writer))
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.fault is Fault.CLOSED:
            writer.close()
            return
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, upstream_writer}
        try:
            await asyncio.gather(self._requests(reader, upstream_writer), self._answers(upstream_reader, writer))
        except (OSError, ssl.SSLError):
            pass
        finally:
            for one in (writer, upstream_writer):
                one.close()
                self._writers.discard(one)

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        while data := await reader.read(_CHUNK):
            if self.fault is Fault.SILENT:
                continue
            if self.fault is Fault.CUT:
                data = data[: max(0, self.cut_bytes - passed)]
                passed += len(data)
                if not data:
                    break
            if self.fault is Fault.SLOW:
                await asyncio.sleep(self.delay_s)
            writer.write(b"\x00not RESP\r\n" * 4 if self.fault is Fault.GARBAGE else data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def fault_proxy(upstream_port: int, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultProxy]:
    """Run a proxy on a free port to a port of 127.0.0.1; with `tls` it terminates TLS."""
    proxy = FaultProxy(upstream_port)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0, ssl=tls)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
