"""`python -m loadtests.benchmarks.item_stores`: LMDB against SQLite as the store of items.

A hundred thousand records of the size of items. Two processes look some up, alone and while a third process writes a
thousand items every tenth of a second. Then a writer is killed repeatedly during writes, and the store is checked. A
lookup is one transaction, and a write is on disk when it returns.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import lmdb
from rich.console import Console
from rich.table import Table

_RECORD_BYTES, _PUT, _LOOKUPS, _WRITE_EVERY_S = 520, 1000, (1, 40, 100, 1000), 0.1
_MAP_BYTES = 1 << 32


class Lmdb:
    """LMDB, configured as in the service."""

    def __init__(self, folder: Path) -> None:
        self._environment = lmdb.open(str(folder), map_size=_MAP_BYTES, max_dbs=1, readahead=False)
        self._items = self._environment.open_db(b"items")

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Look keys up."""
        with self._environment.begin(db=self._items) as transaction:
            return [transaction.get(key) for key in keys]

    def put_many(self, records: dict[bytes, bytes]) -> None:
        """Write records."""
        with self._environment.begin(db=self._items, write=True) as transaction:
            for key, record in records.items():
                transaction.put(key, record)

    def close(self) -> None:
        """Close the store."""
        self._environment.close()


class Sqlite:
    """SQLite with a write-ahead log that is synced on every commit."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "items.db", timeout=30, isolation_level=None)
        for setting in ("journal_mode=WAL", "synchronous=FULL", f"mmap_size={_MAP_BYTES}"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute("CREATE TABLE IF NOT EXISTS items (key BLOB PRIMARY KEY, record BLOB) WITHOUT ROWID")

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Look keys up."""
        marks = ",".join("?" * len(keys))
        rows = self._connection.execute(f"SELECT key, record FROM items WHERE key IN ({marks})", keys)  # noqa: S608
        found = dict(rows.fetchall())
        return [found.get(key) for key in keys]

    def put_many(self, records: dict[bytes, bytes]) -> None:
        """Write records."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR REPLACE INTO items VALUES (?, ?)", records.items())
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the store."""
        self._connection.close()


_STORES: dict[str, type[Lmdb] | type[Sqlite]] = {"LMDB": Lmdb, "SQLite": Sqlite}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=2.0, help="of lookups of each size")
    options = parser.parse_args()
    columns = {name: measured(name, options.items, options.seconds) for name in _STORES}
    table = Table("", *columns)
    for row in next(iter(columns.values())):
        table.add_row(row, *(one[row] for one in columns.values()))
    Console(width=100).print(table)


def measured(name: str, items: int, seconds: float) -> dict[str, str]:
    """Measure a store. Returns its table rows."""
    rows: dict[str, str] = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as at:  # a temporary folder may be memory
        folder = Path(at)
        store = _STORES[name](folder)
        chosen = random.Random(17)  # noqa: S311 (a workload, not a secret)
        records = {_key(number): chosen.randbytes(_RECORD_BYTES) for number in range(items)}
        keys = list(records)
        for start in range(0, items, _PUT):
            store.put_many({key: records[key] for key in keys[start : start + _PUT]})
        store.close()
        rows["bytes an item on disk"] = f"{_size(folder) / items:.0f}"
        rows["opened, ms"] = f"{1000 * min(_opening_s(name, folder) for _ in range(5)):.1f}"
        with _process(_write, name, folder, items) as (_, written):
            for count in _LOOKUPS:
                rows[f"lookup of {count:,}, ms p50 / p99"] = _lookup_row(name, folder, items, count, seconds)
            times = written()
        rows[f"put of {_PUT:,} beside lookups, ms p50 / max"] = (
            f"{1000 * statistics.median(times):.1f} / {1000 * max(times):.1f}"
        )
        rows["after a writer was killed"] = _after_kills(name, folder, items)
    return rows


def _lookup_row(name: str, folder: Path, items: int, count: int, seconds: float) -> str:
    with (
        _process(_read, name, folder, items, count) as (_, first),
        _process(_read, name, folder, items, count) as (_, second),
    ):
        time.sleep(seconds)
        times = sorted([*first(), *second()])
    return f"{1000 * statistics.median(times):.3f} / {1000 * times[int(0.99 * len(times))]:.3f}"


def _after_kills(name: str, folder: Path, items: int, kills: int = 20) -> str:
    whole = 0
    for kill in range(kills):
        with _process(_write, name, folder, items, 0.0) as (process, _):
            time.sleep(0.1 + 0.01 * kill)
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
        store = _STORES[name](folder)
        found = store.get_many([_key(number) for number in range(_PUT)])
        store.put_many({_key(0): found[0] or b""})
        # Every write gives all of these items the same record.
        whole += len({one[-8:] for one in found if one is not None}) == 1 and None not in found
        store.close()
    return f"{whole} of {kills} whole, and written to"


@contextmanager
def _process(work: Callable[..., None], *arguments: object) -> Iterator[tuple[BaseProcess, Callable[[], list[float]]]]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    begun, end = context.Event(), context.Event()
    process = context.Process(target=work, args=(theirs, begun, end, *arguments))
    process.start()
    begun.wait(30)

    def times() -> list[float]:
        end.set()
        found: list[float] = ours.recv()
        return found

    try:
        yield process, times
    finally:
        end.set()
        process.join()


def _read(results: Connection, begun: Event, end: Event, name: str, folder: Path, items: int, count: int) -> None:
    store, times = _STORES[name](folder), []
    chosen = random.Random(os.getpid())  # noqa: S311
    begun.set()
    while not end.is_set():
        keys = [_key(number) for number in chosen.sample(range(items), count)]
        started = time.perf_counter()
        store.get_many(keys)
        times.append(time.perf_counter() - started)
        time.sleep(0.001)
    results.send(times)


def _write(
    results: Connection, begun: Event, end: Event, name: str, folder: Path, items: int, pause_s: float = _WRITE_EVERY_S
) -> None:
    store, times = _STORES[name](folder), []
    number = 0
    while not end.is_set():
        number += 1
        record = bytes(_RECORD_BYTES - 8) + number.to_bytes(8, "big")
        started = time.perf_counter()
        store.put_many({_key(place): record for place in range(min(items, _PUT))})
        times.append(time.perf_counter() - started)
        begun.set()
        time.sleep(pause_s)
    results.send(times)


def _opening_s(name: str, folder: Path) -> float:
    started = time.perf_counter()
    store = _STORES[name](folder)
    store.get_many([_key(0)])
    seconds = time.perf_counter() - started
    store.close()
    return seconds


def _key(number: int) -> bytes:
    return random.Random(number).randbytes(16)  # noqa: S311


def _size(folder: Path) -> int:
    return sum(512 * path.stat().st_blocks for path in folder.iterdir())


if __name__ == "__main__":
    main()
