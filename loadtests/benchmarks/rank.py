"""The cost of a rank request: one core serves, another one sends requests, all in one run.

    python -m loadtests.benchmarks.rank [--quick]

Two upper bounds are measured beside the service: a bare uvicorn that answers "hello" with the same settings, and the
ONNX graph alone on the same texts, tokenized and sorted by length. Goodput is the rate of answers; refused, late and
failed requests are counted separately, and no client waits before its next request. Compare ratios of one run, not
numbers of different runs.
"""

import argparse
import asyncio
import http.client
import json
import os
import statistics
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from loadtests.benchmarks.raw_onnx import RawModel
from loadtests.harness.closed_loop import LoadResult, get, post, run_load
from loadtests.harness.processes import SERVE, Serving, on_core, serving
from loadtests.harness.workload import Case, Workload, chunks, texts_of

_SERVER_CORE, _LOAD_CORE = 0, 1
_CONNECTIONS = 16
_HELLO = ("-m", "loadtests.benchmarks.hello")
_CANDIDATES = (10, 100, 1000)
_KNOWN_ITEMS = 2000


@dataclass(frozen=True)
class Line:
    """The measurements of a case.

    Attributes:
        one_by_one: over one connection, for latencies of an otherwise idle service.
        together: over several connections, for the goodput of a core.
        raw_s: median seconds of the ONNX graph alone on a request's texts.
    """

    case: Case
    one_by_one: LoadResult
    together: LoadResult
    raw_s: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests, for a look")
    share = 0.1 if parser.parse_args().quick else 1.0
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("a core to serve and one to ask are needed; this process may use one")
    with on_core(_LOAD_CORE):
        _measure_and_print(share, Console(width=120))


def _measure_and_print(share: float, console: Console) -> None:
    bare = measure_bare(share)
    console.print(f"bare uvicorn: {bare.rate:,.0f} requests/s, p50 {bare.percentile_ms(50):.2f} ms at {_CONNECTIONS}")
    with serving((*SERVE, "--demo"), core=_SERVER_CORE) as service:
        idle_megabytes = service.resident_megabytes
        lines = [measure(case, service, share) for case in all_cases()]
        console.print(table_of(lines, bare))
        console.print(f"ready after {service.ready_s:.2f} s on one core", end="; ")
        console.print(f"resident {idle_megabytes:.0f} MB when ready, {service.resident_megabytes:.0f} MB in the end")


def all_cases() -> list[Case]:
    """Cases for each number of candidates: all, half and none cached."""
    return [Case(size, cached) for size in _CANDIDATES for cached in (size, size // 2, 0)]


def measure_bare(share: float) -> LoadResult:
    """Measure the bare server."""
    with serving(_HELLO, ready_path="/", core=_SERVER_CORE) as hello:
        asyncio.run(run_load(hello.port, [get("/")] * 500, connections=_CONNECTIONS))
        return asyncio.run(run_load(hello.port, [get("/")] * round(20_000 * share), connections=_CONNECTIONS))


def measure(case: Case, service: Serving, share: float) -> Line:
    """Measure a case with new texts in every request."""
    workload = Workload(seed=case.candidates * 10_000 + case.cached)
    known = workload.items(_KNOWN_ITEMS)
    for chunk in chunks(known, 500):
        put_items(service.port, chunk)
    count = max(20, round(share * 40_000 / (10 + case.cached * 0.3 + (case.candidates - case.cached) * 4)))
    bodies = [workload.rank_body(case, known) for _ in range(2 * count)]
    requests = [post("/v1/rank", body) for body in bodies]
    one_by_one = asyncio.run(run_load(service.port, requests[:count], connections=1))
    together = asyncio.run(run_load(service.port, requests[count:], connections=_CONNECTIONS))
    return Line(case, one_by_one, together, _raw_seconds(bodies[: min(count, 50)]))


def table_of(lines: list[Line], bare: LoadResult) -> Table:
    """A table with a row per case."""
    table = Table()
    for heading in (
        "candidates",
        "cached",
        "goodput/s",
        "of bare",
        "p50 ms",
        "p99 ms",
        "raw ONNX ms",
        "p50 / raw",
        "refused",
        "late",
        "failed",
    ):
        table.add_column(heading, justify="right")
    for line in lines:
        p50 = line.one_by_one.percentile_ms(50)
        table.add_row(
            f"{line.case.candidates:,}",
            f"{line.case.cached:,}",
            f"{line.together.rate:,.1f}",
            f"{line.together.rate / bare.rate:.3f}",
            f"{p50:.2f}",
            f"{line.one_by_one.percentile_ms(99):.2f}",
            f"{line.raw_s * 1000:.2f}",
            f"{p50 / 1000 / line.raw_s:.2f}",
            str(line.one_by_one.refused + line.together.refused),
            str(line.one_by_one.late + line.together.late),
            str(line.one_by_one.failures + line.together.failures),
        )
    return table


def _raw_seconds(bodies: list[bytes]) -> float:
    """Median over requests, on the service's core."""
    with on_core(_SERVER_CORE):
        model = RawModel()
        return statistics.median(model.seconds(texts_of(body)) for body in bodies)


def put_items(port: int, items: list[dict[str, str]]) -> None:
    """Upload items to a service on 127.0.0.1."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"items": items})
    connection.request("PUT", "/v1/items", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"the items to measure with were refused: status {answer.status}")


if __name__ == "__main__":
    main()
