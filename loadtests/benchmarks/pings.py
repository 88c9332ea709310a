"""The latency of a ping beside single requests as large as the limits allow.

    python -m loadtests.benchmarks.pings [--seconds 3] [--only WORDS] [--goal-ms 15]

The service has one core, and one connection repeats a kind of request. Another process sends `GET /livez` every five
milliseconds on a free connection. A ping's latency counts from its intended start, so a busy service hides nothing.

With a goal, the command fails if the 99th percentile of pings beside any kind exceeds it.
"""

import argparse
import asyncio
import json
import multiprocessing
import multiprocessing.connection
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from loadtests.benchmarks.extremes import CANDIDATES, Extreme, Extremes
from loadtests.benchmarks.random_head import write_head
from loadtests.benchmarks.rank import put_items
from loadtests.harness.closed_loop import get
from loadtests.harness.processes import SERVE, Serving, on_core, serving
from loadtests.harness.workload import Workload
from service.artifact.artifact import load_artifact
from service.settings import BUNDLED_MODEL, PLAYGROUND

_SERVER_CORE, _LOAD_CORE = 0, 1
_EVERY_S = 0.005
_HEAD, _CLASSES = "extreme", 1000
_SETTLE_S = 0.2
_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True)
class Beside:
    """Measurements beside a kind of request.

    Attributes:
        name: the kind.
        pings_s: latency of each ping, from its intended start.
        requests_s: latency of each request, from the first byte sent to the last byte received.
        statuses: of the answers.
        answer_bytes: of the last answer.
    """

    name: str
    pings_s: list[float]
    requests_s: list[float]
    statuses: set[int]
    answer_bytes: int

    def ping_ms(self, percent: float) -> float:
        """Percentile of the pings' latency in milliseconds."""
        return 1000 * float(np.percentile(self.pings_s, percent))


class Connection:
    """A blocking connection with one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> "Connection":
        """Connect to a port of 127.0.0.1."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=_BUFFER_BYTES))

    async def ask(self, request: bytes) -> tuple[int, int]:
        """Send a request and read its answer to the end.

        Returns:
            The answer's status, and the number of bytes of its body.
        """
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, declared, rest = head.partition(b"content-length: ")
        if declared:
            left = size = int(rest.partition(b"\r")[0])
            while left:
                left -= len(await self._reader.read(left))
        else:
            size = await self._chunks()
        return int(head.split()[1]), size

    @property
    def is_closed(self) -> bool:
        """Whether the other side has closed the connection."""
        return self._reader.at_eof()

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def _chunks(self) -> int:
        total = 0
        while size := int(await self._reader.readline(), 16):
            total += len(await self._reader.readexactly(size))
            await self._reader.readline()
        await self._reader.readline()
        return total


def main() -> None:
    """Measure, print a table, and exit with 1 if the goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each kind, at least")
    parser.add_argument("--only", default="", help="kinds whose name has these words")
    parser.add_argument("--goal-ms", type=float, help="most that 99 of 100 pings may take")
    options = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("a core to serve and one to ask are needed; this process may use one")
    headings = ("ping p50, ms", "p99", "max", "own p50, ms", "max", "requests", "answer, KB", "status")
    print(_columns("beside", headings))  # noqa: T201 (a row as soon as it is measured)
    measured = []
    with on_core(_LOAD_CORE):
        for one in measure_all(options.seconds, options.only):
            measured.append(one)
            print(_line(one), flush=True)  # noqa: T201
    late = [one.name for one in measured if options.goal_ms is not None and one.ping_ms(99) > options.goal_ms]
    if late:
        raise SystemExit(f"more than one ping in a hundred took over {options.goal_ms:g} ms beside: {'; '.join(late)}")


def measure_all(seconds: float, only: str) -> Iterator[Beside]:
    """Start a service and measure all kinds."""
    extremes = Extremes(
        head=_HEAD,
        revision=load_artifact(BUNDLED_MODEL).manifest.revision,
        files=[path.name.removesuffix(".gz") for path in sorted(PLAYGROUND.iterdir())],
    )
    with _full_service() as service:
        put_items(service.port, extremes.known)
        if only in "nothing":
            yield beside(Extreme("nothing", iter(())), service, seconds)
        for one in extremes.all():
            if only in one.name:
                yield beside(one, service, seconds)


@contextmanager
def _full_service() -> Iterator[Serving]:
    """Run a service with a thousand items and a head of a thousand classes."""
    with tempfile.TemporaryDirectory(prefix="edge-rank-pings-") as folder:
        catalogue = Path(folder) / "catalogue.jsonl"
        lines = [json.dumps({"id": f"c-{one['id']}", "text": one["text"]}) for one in Workload(5).items(CANDIDATES)]
        catalogue.write_text("\n".join(lines), encoding="utf-8")
        write_head(Path(folder) / "heads" / _HEAD, load_artifact(BUNDLED_MODEL).manifest, name=_HEAD, classes=_CLASSES)
        environment = {"EDGE_RANK_HEADS": f"{folder}/heads", "EDGE_RANK_DEADLINE_MS": "60000"}
        command = (*SERVE, "--catalogue", str(catalogue))
        with serving(command, core=_SERVER_CORE, environment=environment) as service:
            yield service


def beside(extreme: Extreme, service: Serving, seconds: float) -> Beside:
    """Measure a kind; another process sends the pings, so that large requests do not delay it."""
    requests_s: list[float] = []
    statuses: set[int] = set()
    size = 0

    async def ask() -> None:
        nonlocal size
        connection = await Connection.to(service.port)
        ends = time.perf_counter() + seconds
        for request in extreme.requests:
            started = time.perf_counter()
            status, size = await connection.ask(request)
            requests_s.append(time.perf_counter() - started)
            statuses.add(status)
            if time.perf_counter() > ends:
                break
        else:
            await asyncio.sleep(seconds)
        connection.close()

    with _pinging(service.port) as pings_s:
        asyncio.run(ask())
        time.sleep(_SETTLE_S)
    return Beside(extreme.name, pings_s, requests_s, statuses, size)


@contextmanager
def _pinging(port: int) -> Iterator[list[float]]:
    """Send pings until the block ends; then the list holds their latencies in seconds."""
    taken_s: list[float] = []
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_ping, args=(port, there))
    process.start()
    here.recv()
    try:
        yield taken_s
    finally:
        here.send(None)
        taken_s.extend(here.recv())
        process.join()


def _ping(port: int, channel: "multiprocessing.connection.Connection[Any, Any]") -> None:
    taken_s: list[float] = []

    async def ping(due: float) -> None:
        connection = idle.pop() if idle else None
        if connection is None or connection.is_closed:  # the service closes idle connections
            connection = await Connection.to(port)
        await connection.ask(get("/livez"))
        taken_s.append(time.perf_counter() - due)
        idle.append(connection)

    async def ping_all() -> None:
        due = time.perf_counter()
        async with asyncio.TaskGroup() as pings:
            while not channel.poll():
                due += _EVERY_S
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                pings.create_task(ping(due))

    idle: list[Connection] = []
    channel.send(None)
    asyncio.run(ping_all())
    channel.recv()
    channel.send(taken_s)


def _line(one: Beside) -> str:
    taken = (
        [1000 * float(np.percentile(one.requests_s, percent)) for percent in (50, 100)] if one.requests_s else [0, 0]
    )
    figures = (
        *(f"{one.ping_ms(percent):.1f}" for percent in (50, 99, 100)),
        *(f"{milliseconds:,.1f}" for milliseconds in taken),
        f"{len(one.requests_s):,}",
        f"{one.answer_bytes / 1000:,.0f}",
        ", ".join(map(str, sorted(one.statuses))),
    )
    return _columns(one.name, figures)


def _columns(name: str, figures: Sequence[str]) -> str:
    return f"{name:52}" + "".join(f"{figure:>12}" for figure in figures)


if __name__ == "__main__":
    main()
