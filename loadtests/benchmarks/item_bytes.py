"""The memory of an item in Redis, measured with a real Redis and the service's encoding.

    python -m loadtests.benchmarks.item_bytes [--items 10000] [--catalogue FILE]

MEMORY USAGE counts an item's key and value, as the allocator rounds them. The growth of `used_memory` also includes the
item's share of Redis's hash tables, which double from time to time; it is the number for capacity planning.
"""

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import redis
from rich.console import Console
from rich.progress import track

from loadtests.harness.redis_process import RedisProcess, redis_executable, redis_process
from loadtests.harness.workload import Workload, chunks
from service.feature_store.features import Features
from service.feature_store.items.catalogue import CatalogueError, read_catalogue
from service.feature_store.items.item import Item
from service.feature_store.items.record import Record, pack_record
from service.feature_store.items.redis import RedisItems
from service.feature_store.items.store import item_key
from service.feature_store.redis.client import connect
from service.feature_store.redis.values import RedisValues
from service.feature_store.shared.circuit_breaker import CircuitBreaker
from service.feature_store.shared.tier import SharedTier
from service.metrics.registry import Metrics
from service.models.model import Model, load_model
from service.settings import BUNDLED_MODEL

_CHUNK, _RUN_TOKENS, _TIMEOUT_S = 500, 4096, 10.0


@dataclass(frozen=True)
class ItemBytes:
    """Means over items, in bytes.

    Attributes:
        items: number of stored items.
        packed: of the value that the service writes.
        usage: of MEMORY USAGE.
        least: of MEMORY USAGE.
        most: of MEMORY USAGE.
        grown: growth of `used_memory`.
    """

    items: int
    packed: float
    usage: float
    least: int
    most: int
    grown: float


def main() -> None:
    """Measure and print.

    Raises:
        SystemExit: the catalogue can't be read or is empty, or there is no Redis.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000, help="how many, if no catalogue is named")
    parser.add_argument("--catalogue", type=Path, help="JSON lines of items")
    arguments = parser.parse_args()
    try:
        items = read_catalogue(arguments.catalogue) if arguments.catalogue else drawn(arguments.items)
    except CatalogueError as error:
        raise SystemExit(str(error)) from None
    if not items:
        raise SystemExit("there is no item to measure with")
    records = embedded(items, load_model(BUNDLED_MODEL, run_tokens=_RUN_TOKENS, on_run=_ignore))
    with redis_process(redis_executable()) as server:
        measured = asyncio.run(measure(server, records))
    console = Console(width=120)
    console.print(f"{measured.items:,} items of {measured.packed:.0f} bytes as packed")
    console.print(f"MEMORY USAGE: {measured.usage:.0f} bytes an item, {measured.least} to {measured.most}")
    console.print(f"used_memory grew by {measured.grown:.0f} bytes an item")


def drawn(count: int) -> list[Item]:
    """Items with texts like those of a payments app's catalogue."""
    return [Item(one["id"], one["text"], one["text"], None) for one in Workload().items(count)]


def embedded(items: Sequence[Item], model: Model) -> dict[bytes, Record]:
    """The values that the service stores for items, by key."""
    records: dict[bytes, Record] = {}
    for chunk in track(list(chunks(items, _CHUNK)), "embedding", console=Console(stderr=True), transient=True):
        encoding = model.encoder.encode([one.text for one in chunk])
        for item, windows, terms in zip(chunk, encoding.windows, encoding.terms, strict=True):
            features = Features.of(windows, item.text, terms, item.category)
            records[item_key(item.id)] = Record.of(item.text, item.category, model.encoder.revision, features)
    return records


async def measure(server: RedisProcess, records: dict[bytes, Record]) -> ItemBytes:
    """Store values in an empty Redis, and measure its memory."""
    with server.client as client:
        before = _used(client)
        await _store(server.url, records)
        grown = (_used(client) - before) / len(records)
        with client.pipeline(transaction=False) as pipeline:
            for key in client.scan_iter(count=_CHUNK):
                pipeline.memory_usage(key, samples=0)
            usages = pipeline.execute()
    return ItemBytes(
        items=len(usages),
        packed=statistics.fmean(len(pack_record(one)) for one in records.values()),
        usage=statistics.fmean(usages),
        least=min(usages),
        most=max(usages),
        grown=grown,
    )


async def _store(url: str, records: dict[bytes, Record]) -> None:
    client, metrics = connect(url, timeout_s=_TIMEOUT_S, connections=1), Metrics()
    values = RedisValues(client, metrics, timeout_s=_TIMEOUT_S)
    store = RedisItems(SharedTier(values, CircuitBreaker(cooldown_s=1), metrics), "")
    for chunk in chunks(list(records.items()), _CHUNK):
        await store.put_many(dict(chunk))
    await client.aclose()


def _used(client: redis.Redis) -> int:
    return int(client.info("memory")["used_memory"])


def _ignore(*_: object) -> None:
    pass


if __name__ == "__main__":
    main()
