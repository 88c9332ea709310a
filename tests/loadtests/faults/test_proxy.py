import asyncio
from collections.abc import AsyncIterator

import pytest

from loadtests.faults.proxy import Fault, FaultProxy, fault_proxy


@pytest.fixture
async def proxy() -> AsyncIterator[FaultProxy]:
    """A proxy before a server that repeats what it is told."""

    ended: list[asyncio.Event] = []

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.Event())
        end = ended[-1]
        while data := await read(reader):
            writer.write(data)
        writer.close()
        end.set()

    server = await asyncio.start_server(repeat, "127.0.0.1", 0)
    async with server:
        async with fault_proxy(server.sockets[0].getsockname()[1]) as one:
            one.delay_s = 0.05
            yield one
        await asyncio.gather(*(end.wait() for end in ended))


async def read(reader: asyncio.StreamReader) -> bytes:
    """The bytes that arrive; none of a connection that was closed, however rudely."""
    try:
        return await reader.read(1000)
    except ConnectionResetError:
        return b""


async def said(proxy: FaultProxy, within_s: float = 1) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    try:
        async with asyncio.timeout(within_s):
            return await read(reader)
    finally:
        writer.close()


async def test_what_passes_passes(proxy: FaultProxy) -> None:
    assert await said(proxy) == b"hello"


async def test_faults_spoil_it(proxy: FaultProxy) -> None:
    proxy.become(Fault.SILENT)
    with pytest.raises(TimeoutError):
        await said(proxy, 0.05)
    proxy.become(Fault.GARBAGE)
    assert b"hello" not in await said(proxy)
    proxy.become(Fault.SLOW)
    with pytest.raises(TimeoutError):
        await said(proxy, 0.02)
    assert await said(proxy) == b"hello"
    proxy.cut_bytes = 3
    proxy.become(Fault.CUT)
    assert await said(proxy) == b"hel"
    proxy.become(Fault.NONE)
    assert await said(proxy) == b"hello"


async def test_closing_ends_what_is_open(proxy: FaultProxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    assert await reader.read(1000) == b"hello"
    proxy.become(Fault.CLOSED)
    assert await read(reader) == b""
    assert await said(proxy) == b""
    writer.close()
