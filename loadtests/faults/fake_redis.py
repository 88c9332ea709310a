"""A fake Redis server: it handles the handshake, and answers other commands from a script."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_CHUNK = 65_536
_GREETING = b"%3\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:3\r\n"
_OK = b"+OK\r\n"
_COURTESIES = {b"HELLO": _GREETING, **dict.fromkeys((b"CLIENT", b"SELECT", b"READONLY", b"AUTH", b"PING"), _OK)}

_KEYED = b"".join(
    b"*6\r\n$3\r\n%s\r\n:-2\r\n*1\r\n+fast\r\n:1\r\n:1\r\n:1\r\n" % name for name in (b"get", b"set", b"del")
)
_COMMANDS = b"*3\r\n" + _KEYED

Command = Sequence[bytes]
Answer = Callable[[Command], bytes | None]
"""Maps a command to its reply; None for no reply at all."""


@dataclass
class FakeRedis:
    """A fake server.

    Attributes:
        answer: replies to commands other than the handshake.
        port: of 127.0.0.1.
        open: number of open connections.
        opened: number of connections so far.
        commands: number of commands other than the handshake.
    """

    answer: Answer
    port: int = 0
    open: int = 0
    opened: int = 0
    commands: int = 0
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        """Close all connections."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open, self.opened = self.open + 1, self.opened + 1
        try:
            with suppress(OSError):
                await self._converse(reader, writer)
        finally:
            self.open -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting = b""
        while data := await reader.read(_CHUNK):
            commands, waiting = commands_of(waiting + data)
            for command in commands:
                name = command[0].upper()
                self.commands += name not in _COURTESIES
                said = _COURTESIES.get(name) or self.answer(command)
                if said is not None:
                    writer.write(said)
            await writer.drain()


@asynccontextmanager
async def fake_redis(answer: Answer) -> AsyncIterator[FakeRedis]:
    """Run a fake server on a free port."""
    one = FakeRedis(answer)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
        await one.close()


def always(answer: bytes | None) -> Answer:
    """Reply the same to every command."""
    return lambda _: answer


def without_keys(command: Command) -> bytes:
    """Reply like an empty server that accepts writes."""
    name = command[0].upper()
    if name == b"MGET":
        return b"*%d\r\n%s" % (len(command) - 1, b"_\r\n" * (len(command) - 1))
    return b"_\r\n" if name == b"GET" else _OK if name == b"SET" else b":0\r\n"


def one_node(port: Callable[[], int], answer: Answer) -> Answer:
    """Reply like a single-node cluster with all slots, whose commands on keys are answered by `answer`."""

    def said(command: Command) -> bytes | None:
        name = command[0].upper()
        if name == b"CLUSTER":
            return b"*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:%d\r\n$40\r\n%s\r\n" % (port(), b"a" * 40)
        return _COMMANDS if name == b"COMMAND" else answer(command)

    return said


def commands_of(data: bytes) -> tuple[list[Command], bytes]:
    """Split received bytes into complete commands and the rest."""
    commands: list[Command] = []
    rest = data
    while True:
        parsed = _command_of(rest)
        if parsed is None:
            return commands, rest
        command, rest = parsed
        commands.append(command)


def _command_of(data: bytes) -> tuple[Command, bytes] | None:
    head, found, rest = data.partition(b"\r\n")
    if not found or not head.startswith(b"*"):
        return None
    parts: list[bytes] = []
    for _ in range(int(head[1:])):
        head, found, rest = rest.partition(b"\r\n")
        length = int(head[1:]) if found else 0
        if not found or len(rest) < length + 2:
            return None
        parts.append(rest[:length])
        rest = rest[length + 2 :]
    return parts, rest
