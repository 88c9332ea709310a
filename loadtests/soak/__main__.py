"""A soak test: a million requests of every kind, checked for wrong answers and for leaks.

    python -m loadtests.soak [--requests 1000000] [--clients 16]

Requests are drawn by weight from `loadtests/soak/mixture.py`: rankings of all kinds, uploads of items, OpenAI- and
Cohere-compatible requests, errors of every kind, and clients that disconnect early. Closed-loop clients send them.
After each tenth all clients disconnect, and the service's resident memory and open descriptors are printed. Exit code 1
if, from the first tenth to the last, memory grew by more than 10 % or a descriptor was left open, or if any request got
a status that its kind must not have.

The service gets small caches, so that the first tenth fills them; `EDGE_RANK_*` variables take precedence.
"""

import argparse
import asyncio
import hashlib
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from loadtests.benchmarks.random_head import write_head
from loadtests.harness.closed_loop import Client
from loadtests.harness.process_tree import process_tree
from loadtests.harness.processes import SERVE, Serving, serving
from loadtests.soak.mixture import Keys, Mixture, Sent
from service.artifact.artifact import load_artifact
from service.settings import load_settings

_TENTHS = 10
_MOST_GROWTH = 1.1
_SETTLE_S = 1.0
_PATIENCE_S = 30.0
_RESET, _SILENT = 0, -1
_WORDS = {_RESET: "reset", _SILENT: "no answer"}
_SMALL_CACHES = {
    "EDGE_RANK_MEMORY_ITEMS": "4000",
    "EDGE_RANK_QUERY_CACHE_SIZE": "2000",
    "EDGE_RANK_REMEMBERED_IMPRESSIONS": "2000",
}


@dataclass
class Tally:
    """Counts of replies.

    Attributes:
        statuses: number of each; 0 stands for a closed connection, -1 for no reply.
        unexpected: number of wrong statuses by kind.
        left: number of clients that disconnected before their answer.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: Counter[tuple[str, int]] = field(default_factory=Counter)
    left: int = 0

    def count(self, sent: Sent, status: int) -> None:
        """Count a reply."""
        self.statuses[status] += 1
        if status not in sent.statuses:
            self.unexpected[sent.kind, status] += 1


@dataclass(frozen=True)
class Footprint:
    """Memory and descriptors of the idle service's processes."""

    resident_bytes: int
    descriptors: int


@dataclass(frozen=True)
class Tenth:
    """The replies to a tenth of the soak, and the service's resources after it."""

    seconds: float
    requests: int
    tally: Tally
    footprint: Footprint


def main() -> None:
    """Run the soak, print its progress, and exit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=16, help="at the same time")
    parser.add_argument("--seed", type=int, default=17, help="of the mixture")
    parser.add_argument("--log", type=Path, help="gets what the service writes")
    arguments = parser.parse_args()
    console = Console(width=120)
    tenths: list[Tenth] = []
    with service(arguments.log) as (serving_, keys):
        mixture = Mixture(arguments.seed, keys, heads=heads_of(serving_, keys))
        for tenth in soak(serving_, mixture, arguments.requests, arguments.clients):
            tenths.append(tenth)
            console.print(row_of(len(tenths), tenth))
    console.print(gates_of(tenths))
    if faults := faults_of(tenths):
        console.print(f"NOT HELD: {'; '.join(faults)}")
        sys.exit(1)


def soak(service: Serving, mixture: Mixture, requests: int, clients: int) -> Iterator[Tenth]:
    """Send the requests tenth by tenth, after uploading the items that rankings name."""
    asyncio.run(_send(service.port, iter(mixture.first()), 1, Tally()))
    for number in range(_TENTHS):
        count = requests * (number + 1) // _TENTHS - requests * number // _TENTHS
        tally, started = Tally(), time.perf_counter()
        asyncio.run(_send(service.port, (mixture.draw() for _ in range(count)), clients, tally))
        seconds = time.perf_counter() - started
        time.sleep(_SETTLE_S)  # the service closes what clients have closed
        yield Tenth(seconds, count, tally, footprint_of(service.pid))


def faults_of(tenths: list[Tenth]) -> list[str]:
    """The violated conditions, in a few words each."""
    first, last = tenths[0].footprint, tenths[-1].footprint
    growth = last.resident_bytes / first.resident_bytes
    faults = []
    if growth > _MOST_GROWTH:
        faults.append(f"memory grew to {growth:.3f} times what it was")
    if last.descriptors > first.descriptors:
        faults.append(f"{last.descriptors - first.descriptors} descriptors were leaked")
    unexpected = sum((one.tally.unexpected for one in tenths), Counter[tuple[str, int]]())
    faults += [f"{kind}: {_times(count, status)}" for (kind, status), count in unexpected.most_common()]
    return faults


def row_of(number: int, tenth: Tenth) -> str:
    """Describe a tenth in a line."""
    statuses = ", ".join(_times(count, status) for status, count in sorted(tenth.tally.statuses.items()))
    return (
        f"{number:>2}/{_TENTHS}: {tenth.requests / tenth.seconds:,.0f} requests/s, "
        f"{tenth.footprint.resident_bytes / 1e6:,.1f} MB, {tenth.footprint.descriptors} descriptors; "
        f"{statuses}, {tenth.tally.left:,} left"
    )


def _times(count: int, status: int) -> str:
    return f"{count:,} x {_WORDS.get(status, status)}"


def gates_of(tenths: list[Tenth]) -> Table:
    """Compare the resources after the first and the last tenth."""
    table = Table("after", "the first tenth", "the last", "ratio")
    first, last = tenths[0].footprint, tenths[-1].footprint
    megabytes = [one.resident_bytes / 1e6 for one in (first, last)]
    table.add_row("resident MB", *[f"{one:,.1f}" for one in megabytes], f"{megabytes[1] / megabytes[0]:.3f}")
    table.add_row("descriptors", *[str(one.descriptors) for one in (first, last)], "")
    return table


def footprint_of(pid: int) -> Footprint:
    """Memory and descriptors of a process and its children."""
    family = process_tree(pid)
    return Footprint(sum(one.memory_info().rss for one in family), sum(one.num_fds() for one in family))


def heads_of(service: Serving, keys: Keys) -> Mapping[str, str]:
    """The kinds (`text`, `pair`) of the service's heads, by name."""
    info = (
        httpx.get(f"{service.url}/v1/info", headers={"X-API-Key": keys.all_rights}, timeout=10)
        .raise_for_status()
        .json()
    )
    return {name: str(head["kind"]) for name, head in info["heads"].items()}


@contextmanager
def service(log: Path | None = None) -> Iterator[tuple[Serving, Keys]]:
    """Run a service with the demo catalogue, a head and API keys."""
    keys = Keys(all_rights=secrets.token_urlsafe(), rank_alone=secrets.token_urlsafe())
    with tempfile.TemporaryDirectory() as name:
        file, heads = Path(name) / "keys.toml", Path(name) / "heads"
        file.write_text(
            _key_lines("all", keys.all_rights, "rank", "items") + _key_lines("some", keys.rank_alone, "rank"),
            encoding="utf-8",
        )
        write_head(heads / "soak", load_artifact(load_settings().model).manifest, name="soak", classes=20)
        environment = {"EDGE_RANK_HEADS": str(heads), **_SMALL_CACHES, **_decided()}
        with (
            (log or Path(os.devnull)).open("w", encoding="utf-8") as written,
            serving(
                (*SERVE, "--demo"), environment=environment | {"EDGE_RANK_API_KEYS_FILE": str(file)}, log=written
            ) as serving_,
        ):
            yield serving_, keys


def _key_lines(name: str, key: str, *rights: str) -> str:
    """Add a key to the file of keys."""
    return f'[keys.{name}]\nsha256 = "{hashlib.sha256(key.encode()).hexdigest()}"\nrights = {list(rights)}\n'


def _decided() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("EDGE_RANK_")}


async def _send(port: int, requests: Iterator[Sent], clients: int, tally: Tally) -> None:
    await asyncio.gather(*(_client(Client(port), requests, tally) for _ in range(clients)))


async def _client(client: Client, requests: Iterator[Sent], tally: Tally) -> None:
    for sent in requests:
        try:
            if sent.leaves_after_s is not None:
                await client.abandon(sent.request, sent.leaves_after_s)
                tally.left += 1
                continue
            reply = await asyncio.wait_for(client.send(sent.request), _PATIENCE_S)
        except TimeoutError:
            tally.count(sent, _SILENT)
            client.close()
            continue
        except OSError:
            tally.count(sent, _RESET)
            continue
        tally.count(sent, reply.status)
        if sent.closes:
            client.close()
    client.close()


if __name__ == "__main__":
    main()
