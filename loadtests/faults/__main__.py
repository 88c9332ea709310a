"""Faults under load against real processes, and their effect on answers.

    python -m loadtests.faults [--only NAME] [--rate 20] [--seconds 4 | --requests 240]

Requests are sent at a fixed rate (an open loop) before, during and after each fault. The process caches items for half
a second only, so that Redis matters. A request fails unless the answer ranks all of its candidates. Exit code 1 if any
failed.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.faults.catalogue import FAULTS
from loadtests.faults.scene import Fault, nothing
from loadtests.harness.processes import SERVE, serving
from loadtests.harness.workload import Workload

_PHASES = ("before", "during", "after")
_CANDIDATES, _ITEMS = 20, 300
_TIMEOUT_S = 5.0
_KEPT_CONNECTIONS = 20
_SETTINGS = {"EDGE_RANK_MEMORY_TTL_S": "0.5", "EDGE_RANK_REDIS_COOLDOWN_S": "0.5"}


@dataclass
class Phase:
    """Counts and latencies of a phase."""

    sent: int = 0
    answered: int = 0
    degraded: int = 0
    failures: Counter[str] = field(default_factory=Counter)  # by status or kind of error
    latencies_s: list[float] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Number of failures of all kinds."""
        return self.failures.total()

    @property
    def p99_ms(self) -> float:
        """In milliseconds; NaN without an answer."""
        return float(np.percentile(self.latencies_s, 99)) * 1000 if self.latencies_s else float("nan")


def main() -> None:
    """Run the faults and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[one.name for one in FAULTS], action="append", help="repeatable")
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=float, default=4.0, help="of each phase")
    length.add_argument("--requests", type=int, help="of each fault, a third of them in each phase")
    arguments = parser.parse_args()
    seconds = arguments.seconds
    if arguments.requests is not None:
        seconds = arguments.requests / len(_PHASES) / arguments.rate
    chosen = [one for one in FAULTS if not arguments.only or one.name in arguments.only]
    results = {}
    for one in track(chosen, "faults", console=Console(stderr=True), transient=True):
        results[one.name] = asyncio.run(run_fault(one, arguments.rate, seconds))
        failures = sum((phase.failures for phase in results[one.name]), Counter())
        kinds = ", ".join(f"{count} {kind}" for kind, count in failures.items())
        print(f"{one.name}: {kinds or 'none'} failed", file=sys.stderr, flush=True)  # noqa: T201 (the table is an hour away)
    Console(width=120).print(table_of(results))
    if any(phase.failed for phases in results.values() for phase in phases):
        sys.exit(1)


async def run_fault(fault: Fault, rate: float, seconds: float) -> Sequence[Phase]:
    """Run the service under load through the phases before, during and after a fault."""
    async with fault.scene() as scene:
        with serving(SERVE, environment=_SETTINGS | scene.environment) as service:
            load = _Load(f"http://127.0.0.1:{service.port}/v1/rank", rate, seconds)
            phases: list[Phase] = []
            # Each request looks at all connections of the pool: those that a fault has held up must not stay.
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT_CONNECTIONS)
            async with httpx.AsyncClient(headers=scene.headers, timeout=_TIMEOUT_S, limits=limits) as client:
                for act in (nothing, scene.strike, scene.mend):
                    acting = asyncio.create_task(act(service))
                    phases.append(await load.send(client))
                    await acting
    return phases


class _Load:
    """Sends rank requests in an open loop."""

    def __init__(self, url: str, rate: float, seconds: float) -> None:
        self._url, self._rate, self._count = url, rate, round(rate * seconds)
        self._workload, self._random = Workload(), random.Random(17)  # noqa: S311 (a workload, not a secret)
        self._items = self._workload.items(_ITEMS)

    async def send(self, client: httpx.AsyncClient) -> Phase:
        phase, started = Phase(), time.perf_counter()
        asking: list[asyncio.Task[None]] = []
        for number in range(self._count):
            await asyncio.sleep(max(0.0, started + number / self._rate - time.perf_counter()))
            asking.append(asyncio.create_task(self._ask(client, phase)))
        await asyncio.gather(*asking)
        return phase

    async def _ask(self, client: httpx.AsyncClient, phase: Phase) -> None:
        body = {"query": self._workload.query(), "candidates": self._random.sample(self._items, _CANDIDATES)}
        phase.sent += 1
        started = time.perf_counter()
        try:
            response = await client.post(self._url, json=body)
        except httpx.HTTPError as error:
            phase.failures[type(error).__name__] += 1
            return
        phase.latencies_s.append(time.perf_counter() - started)
        answer = response.json() if response.status_code == httpx.codes.OK else {"results": []}
        if len(answer["results"]) != _CANDIDATES:
            phase.failures[f"status {response.status_code}"] += 1
            return
        phase.answered += 1
        phase.degraded += bool(answer["degraded"])


def table_of(results: dict[str, Sequence[Phase]]) -> Table:
    """A row per fault: its counts, and p99 of each phase."""
    table = Table()
    table.add_column("fault")
    for heading in ("sent", "answered", "degraded", "failed", *(f"p99 ms {phase}" for phase in _PHASES)):
        table.add_column(heading, justify="right")
    for name, phases in results.items():
        counts = [
            sum(getattr(phase, count) for phase in phases) for count in ("sent", "answered", "degraded", "failed")
        ]
        table.add_row(name, *[f"{count:,}" for count in counts], *[f"{phase.p99_ms:.1f}" for phase in phases])
    return table


if __name__ == "__main__":
    main()
