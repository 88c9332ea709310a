"""Overload by closed-loop clients that retry after a refusal without backing off.

    python -m loadtests.overload [--only crowd] [--seconds 8] [--pin]

Each case starts its own service. Conditions: with enough time for all, nobody is refused and many clients get the
throughput of one; with the default deadline, only what can't be answered within it is refused; with short deadlines,
admitted requests end in time; a burst on an idle service is answered; small requests do not starve a large one. Exit
code 1 if a condition is violated.
"""

import argparse
import asyncio
import json
import math
import os
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, repeat

from rich.console import Console
from rich.table import Table

from loadtests.harness.closed_loop import Client, post
from loadtests.harness.processes import SERVE, Serving, on_core, serving
from loadtests.harness.workload import Case as RankCase
from loadtests.harness.workload import Workload
from loadtests.overload.crowd import PAUSE_S, Crowd, burst, crowd
from service.admission.deadline import DEADLINE_HEADER

_DEFAULT_S = 5.0
_TEXTS_PER_S = 2000  # prepared; more than two cores can embed
_LEAST_OF_ONE, _LEAST_OF_MOST, _LEAST_IN_TIME, _TOLERANCE = 0.95, 0.9, 0.999, 0.1
_KNEE_CLIENTS = 12
_BURSTS, _ROUNDS, _SETTLE_S = (10, 20, 30, 50, 100, 200), 5, 0.3
_TURNS = 3
_SMALL_CLIENTS, _LARGE_TEXTS, _ALONE = 60, 150, 5
_TINY = {"query": "coffee", "candidates": [{"id": "taxi"}, {"id": "bill-split"}]}


@dataclass(frozen=True)
class Case:
    """A crowd of clients.

    Attributes:
        clients: number of concurrent clients.
        texts: minimum and maximum of new texts per request, besides its query.
        deadline_ms: of the requests; None for the service's own.
        least: minimal goodput relative to its reference.
    """

    clients: int
    texts: tuple[int, int]
    deadline_ms: int | None
    least: float = 0.0

    @property
    def deadline_s(self) -> float:
        """The effective deadline."""
        return _DEFAULT_S if self.deadline_ms is None else self.deadline_ms / 1000

    @property
    def name(self) -> str:
        """A description of the case."""
        fewest, most = self.texts
        texts = f"{most}" if fewest == most else f"{fewest} to {most}"
        deadline = f"{self.deadline_s:g} s" if self.deadline_s >= 1 else f"{self.deadline_ms} ms"
        return f"{self.clients} x {texts}, {deadline}{' by default' if self.deadline_ms is None else ''}"


@dataclass(frozen=True)
class Stand:
    """The cores of the service and of the clients.

    Attributes:
        cores: of this process.
        core: the service's only core; None for all.
    """

    cores: frozenset[int]
    core: int | None = None

    @contextmanager
    def service(self, deadline_s: float = _DEFAULT_S) -> Iterator[Serving]:
        """Run a service with the demo catalogue; meanwhile this process uses the last core only.

        Args:
            deadline_s: of the requests; the service's own is no shorter, since the shorter one applies.
        """
        environment = {"EDGE_RANK_DEADLINE_MS": f"{1000 * max(deadline_s, _DEFAULT_S):.0f}"}
        with (
            serving((*SERVE, "--demo"), core=self.core, environment=environment) as service,
            on_core(max(self.cores)),
        ):
            yield service


# The first case of a group is the reference: one client, or as many as two cores can answer in time.
GROUPS: Sequence[Sequence[Case]] = (
    *(
        [
            Case(1, (50, 50), deadline_ms),
            *(Case(clients, (50, 50), deadline_ms, _LEAST_OF_ONE) for clients in (8, 16, 50)),
        ]
        for deadline_ms in (60_000, None)
    ),
    [Case(_KNEE_CLIENTS, (1, 5), 100), Case(50, (1, 5), 100, _LEAST_OF_MOST)],
)


def main() -> None:
    """Run the cases, print, and exit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["crowd", "burst", "large"], action="append", help="repeatable")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each turn of a case")
    parser.add_argument("--pin", action="store_true", help="the service on a core of its own; default: on all of them")
    arguments = parser.parse_args()
    cores = frozenset(os.sched_getaffinity(0))
    stand = Stand(cores, min(cores) if arguments.pin else None)
    chosen = arguments.only or ["crowd", "burst", "large"]
    console = Console(width=152)
    measures: dict[str, Callable[[], tuple[Table, bool]]] = {
        "crowd": lambda: crowds(GROUPS, stand, arguments.seconds),
        "burst": lambda: bursts(stand),
        "large": lambda: large(stand, arguments.seconds),
    }
    held = True
    for name in chosen:
        table, one_held = measures[name]()
        console.print(table)
        held = held and one_held
    if not held:
        sys.exit(1)


def crowds(groups: Sequence[Sequence[Case]], stand: Stand, seconds: float) -> tuple[Table, bool]:
    """Run the crowds. Returns whether all conditions hold."""
    table = _table(
        *("clients x texts, deadline", "goodput/s", "of reference", "refused", "beyond", "late", "failed"),
        *("p50 ms", "p99 ms", "ended in time", "Retry-After s", "true", ""),
    )
    held = True
    for reference, *others in groups:
        for case in (reference, *others):
            compared, seen = beside_reference(reference, case, stand, seconds)
            first, goodput = compared.goodput(reference.deadline_s), seen.goodput(case.deadline_s)
            faults = faults_of(case, seen, first, seconds * _TURNS)
            held = held and not faults
            told = seen.retry_after_s
            table.add_row(
                case.name,
                f"{goodput:,.1f}",
                f"{goodput / first:.2f}" if first else "-",
                f"{seen.refused:,}",
                f"{beyond(case, seen, seconds * _TURNS):,.0f}",
                f"{seen.late:,}",
                f"{seen.failed:,}",
                f"{seen.percentile_ms(50):,.0f}",
                f"{seen.percentile_ms(99):,.0f}",
                _percent(seen.ended_in_time(case.deadline_s)),
                "-" if told is None else f"{told[0]:g} to {told[1]:g}",
                _percent(seen.promises_kept),
                "held" if not faults else f"NOT HELD: {', '.join(faults)}",
            )
    return table, held


def beside_reference(reference: Case, case: Case, stand: Stand, seconds: float) -> tuple[Crowd, Crowd]:
    """Run a case and its reference in turns on one service.

    The speed of a shared machine varies, and a freshly started service has not calibrated its admission: the first,
    short turn of the reference is not counted.
    """
    with stand.service(max(case.deadline_s, reference.deadline_s)) as service:

        def turn(one: Case, length_s: float, seed: int) -> Crowd:
            return asyncio.run(crowd(service.port, requests_of(one, length_s, seed=seed), length_s))

        turn(reference, _SETTLE_S, seed=0)
        pairs = [(turn(reference, seconds / 2, 2 * at + 1), turn(case, seconds, 2 * at + 2)) for at in range(_TURNS)]
    return Crowd.joined([one for one, _ in pairs]), Crowd.joined([other for _, other in pairs])


def faults_of(case: Case, seen: Crowd, first: float, seconds: float) -> list[str]:
    """The violated conditions of a crowd, in a word each.

    Args:
        case: the case.
        seen: its attempts.
        first: goodput of the reference.
        seconds: its duration.
    """
    expected = beyond(case, seen, seconds)
    ended = seen.ended_in_time(case.deadline_s)
    faults = {
        "goodput": seen.goodput(case.deadline_s) < case.least * first,
        # With short deadlines some admitted requests end too late, which bounds the goodput.
        "refused": case.deadline_s >= 1 and abs(seen.refused - expected) > _TOLERANCE * expected,
        "time": ended is None or ended < _LEAST_IN_TIME,
        "failed": seen.failed > 0,
    }
    return [name for name, faulty in faults.items() if faulty]


def beyond(case: Case, seen: Crowd, seconds: float) -> float:
    """The number of attempts that must be refused: those of clients beyond the capacity within the deadline.

    Each of these clients retries after a pause, all the time.
    """
    answerable = seen.goodput() * case.deadline_s
    return max(0.0, case.clients - answerable) * seconds / PAUSE_S


def requests_of(case: Case, seconds: float, *, seed: int = 17) -> list[Iterator[bytes]]:
    """The requests of each client of a crowd; as many are prepared as two cores can answer."""
    workload, draw = Workload(seed), random.Random(seed)  # noqa: S311 (a workload, not a secret)
    headers = {} if case.deadline_ms is None else {DEADLINE_HEADER: str(case.deadline_ms)}

    def made() -> bytes:
        body = workload.rank_body(RankCase(draw.randint(*case.texts), 0), ())
        return post("/v1/rank", body, headers)

    return _prepared(made, case.clients, sum(case.texts) / 2 + 1, seconds)


def single_texts(clients: int, seconds: float, *, seed: int = 23) -> list[Iterator[bytes]]:
    """The requests of clients that each embed one new text."""
    workload = Workload(seed)

    def made() -> bytes:
        return post("/v1/embeddings", json.dumps({"input": workload.text()}).encode())

    return _prepared(made, clients, 1, seconds)


def _prepared(made: Callable[[], bytes], clients: int, texts: float, seconds: float) -> list[Iterator[bytes]]:
    """Requests with a mean number of texts; some seconds of them are prepared, later ones are made on demand."""
    each = math.ceil(_TEXTS_PER_S * seconds / texts / clients) + 1
    return [chain([made() for _ in range(each)], (made() for _ in repeat(None))) for _ in range(clients)]


def bursts(stand: Stand) -> tuple[Table, bool]:
    """Send small requests at once to an idle service. Returns whether none was refused."""
    table = _table(*("burst of", "answered", "refused", "late", "failed", "p50 ms", "p99 ms", "Retry-After s", ""))
    request = post("/v1/rank", json.dumps(_TINY).encode())
    held = True
    for size in _BURSTS:
        with stand.service() as service:
            rounds = [asyncio.run(burst(service.port, [request] * size, _SETTLE_S)) for _ in range(_ROUNDS)]
        seen = Crowd.joined(rounds)
        answered = len(seen.answered) == size * _ROUNDS
        held = held and answered
        told = seen.retry_after_s
        table.add_row(
            f"{size} tiny requests, {_ROUNDS} times",
            f"{len(seen.answered):,}",
            f"{seen.refused:,}",
            f"{seen.late:,}",
            f"{seen.failed:,}",
            f"{seen.percentile_ms(50):,.0f}",
            f"{seen.percentile_ms(99):,.0f}",
            "-" if told is None else f"{told[0]:g} to {told[1]:g}",
            "held" if answered else "NOT HELD: unanswered",
        )
    return table, held


def large(stand: Stand, seconds: float) -> tuple[Table, bool]:
    """Run one client with large requests beside many small ones. Returns whether its latency is within bounds.

    By the median it may take twice as long as alone, plus a round of the others: the time to answer each of them once.
    """
    (large_requests,) = requests_of(Case(1, (_LARGE_TEXTS, _LARGE_TEXTS), None), seconds)
    small_requests = single_texts(_SMALL_CLIENTS, 2 * seconds)
    with stand.service() as service:  # one for all three, since the speed of a shared machine varies
        alone_s = statistics.median(asyncio.run(_one_by_one(service.port, large_requests, _ALONE)))
        others = asyncio.run(crowd(service.port, small_requests, seconds / 2))
        beside, small_seen = asyncio.run(_beside(service.port, large_requests, small_requests, seconds))
    round_s = _SMALL_CLIENTS / small_seen.goodput() if small_seen.answered else math.inf
    bound_s = 2 * alone_s + round_s
    held = bool(beside.answered) and not beside.refused and beside.percentile_ms(50) <= 1000 * bound_s
    table = _table(
        *("large requests", "alone ms", "a round ms", "bound ms", "p50 ms", "most ms", "answered", "refused", "late"),
        *("others/s", "alone/s", ""),
    )
    table.add_row(
        f"{_LARGE_TEXTS} texts beside {_SMALL_CLIENTS} x 1",
        *[f"{1000 * one:,.0f}" for one in (alone_s, round_s, bound_s)],
        *[f"{beside.percentile_ms(percent):,.0f}" for percent in (50, 100)],
        *[f"{one:,}" for one in (len(beside.answered), beside.refused, beside.late)],
        *[f"{one.goodput():,.1f}" for one in (small_seen, others)],
        "held" if held else "NOT HELD",
    )
    return table, held


async def _one_by_one(port: int, requests: Iterator[bytes], count: int) -> list[float]:
    client = Client(port)
    seconds = [(await client.send(next(requests))).seconds for _ in range(count)]
    client.close()
    return seconds


async def _beside(
    port: int, requests: Iterator[bytes], others: Sequence[Iterator[bytes]], seconds: float
) -> tuple[Crowd, Crowd]:
    """Run one client beside others. Returns both crowds."""
    both = await asyncio.gather(crowd(port, [requests], seconds), crowd(port, others, seconds))
    return both[0], both[1]


def _table(*headings: str) -> Table:
    table = Table(headings[0])
    for heading in headings[1:]:
        table.add_column(heading, justify="left" if not heading else "right")
    return table


def _percent(part: float | None) -> str:
    """Round down, so that 100 % means all."""
    return "-" if part is None else f"{math.floor(1000 * 100 * part) / 1000:.4g} %"


if __name__ == "__main__":
    main()
