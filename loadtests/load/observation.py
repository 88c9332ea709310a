"""Observations of the processes, once a second during a run: `Second.observed`.

| name | meaning |
|---|---|
| `service_cores`, `redis_cores`, `load_cores` | cores used in that second by all processes of the kind |
| `service_bytes`, `redis_bytes`, `load_bytes` | their resident memory |
| `service_descriptors`, `redis_descriptors`, `load_descriptors` | their open descriptors: files and connections |
| `cache_queries_hits`, `cache_memory_hits`, `cache_redis_hits`, and `…_misses` | look-ups in a tier, in that second |
| `shed` | requests refused in that second because they could not be answered in time |
| `degraded_answers`, `encoded_texts`, `redis_errors`, `model_swaps` | increase of its counters in that second |
| `requests_in_flight`, `queue_tokens` | the service's gauges |
| `late_ms` | maximal delay of an attempt by the load generator itself (reported by the workers) |
"""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Self

import psutil
from prometheus_client.parser import text_string_to_metric_families

from loadtests.harness.process_tree import process_tree
from service.process.threads import lower_priority

BACKGROUND_NICENESS = 15  # what only watches must not delay the workers on the same core: their lateness is measured
_EVERY_S = 1.0
_PREFIX = "edge_rank_"
_COUNTERS = ("degraded_answers", "encoded_texts", "redis_errors", "model_swaps")
_SHED = frozenset({"overloaded", "queue_full"})
_GAUGES = ("requests_in_flight", "queue_tokens")


class Observer:
    """Samples processes and the service's metrics in a thread until the block ends."""

    def __init__(self, url: str, **processes: Callable[[], int | None]) -> None:
        """Create it.

        Args:
            url: of the service.
            processes: by kind, the id of a process, whose children are included; None if there is none.
        """
        self._url, self._processes = url, processes
        self._seen: dict[float, dict[str, float]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def by_second(self, started_at: float) -> dict[int, dict[str, float]]:
        """Observations of each second of a run that started at a time in seconds since 1970."""
        return {int(at - started_at - _EVERY_S / 2): seen for at, seen in self._seen.items() if at >= started_at}

    def _look_on(self) -> None:
        lower_priority(BACKGROUND_NICENESS)
        before_at, before = time.time(), self._looked()
        while not self._over.wait(_EVERY_S):
            at, now = time.time(), self._looked()
            self._seen[at] = rates(before, now, at - before_at)
            before_at, before = at, now

    def _looked(self) -> dict[str, float]:
        seen = self._metrics()
        for kind, pid_of in self._processes.items():
            pid = pid_of()
            if pid is not None:
                used = _used(pid)
                seen |= {f"{kind}_{what}": value for what, value in used.items()}
        return seen

    def _metrics(self) -> dict[str, float]:
        """Read the service's metrics; empty if it does not answer."""
        try:
            with urllib.request.urlopen(f"{self._url}/metrics", timeout=_EVERY_S) as answer:  # noqa: S310 (the same)
                return figures_of(answer.read().decode())
        except (urllib.error.URLError, OSError):
            return {}


def figures_of(exposition: str) -> dict[str, float]:
    """Select the relevant values of the service's metrics; counters end in `_total`."""
    figures: dict[str, float] = {}
    for family in text_string_to_metric_families(exposition):
        name = family.name.removeprefix(_PREFIX)
        for sample in family.samples:
            if name in _GAUGES:
                figures[name] = sample.value
            elif sample.name.endswith("_total") and (counted := _counted(name, sample.labels)):
                figures[f"{counted}_total"] = figures.get(f"{counted}_total", 0.0) + sample.value
    return figures


def rates(before: Mapping[str, float], now: Mapping[str, float], seconds: float) -> dict[str, float]:
    """The differences of counters between two samples, and the latest gauges."""
    seen: dict[str, float] = {}
    for name, value in now.items():
        if name.endswith("_cpu_s"):
            seen[name.replace("_cpu_s", "_cores")] = max(0.0, value - before.get(name, value)) / seconds
        elif name.endswith("_total"):
            seen[name.removesuffix("_total")] = max(0.0, value - before.get(name, value))
        else:
            seen[name] = value
    return seen


def _counted(name: str, labels: Mapping[str, str]) -> str | None:
    """This module's name of a counter; None if it is not relevant."""
    if name == "cache_lookups":
        return f"cache_{labels['tier']}_{'hits' if labels['outcome'] == 'hit' else 'misses'}"
    if name == "refused_requests":
        return "shed" if labels["reason"] in _SHED else None
    return name if name in _COUNTERS else None


def _used(pid: int) -> dict[str, float]:
    """Resources of a process and its children; processes that ended count nothing."""
    used = {"cpu_s": 0.0, "bytes": 0.0, "descriptors": 0.0}
    try:
        family = process_tree(pid)
    except psutil.NoSuchProcess:
        family = []
    for one in family:
        try:
            times, memory, descriptors = one.cpu_times(), one.memory_info(), one.num_fds()
        except psutil.NoSuchProcess:
            continue
        used["cpu_s"] += times.user + times.system
        used["bytes"] += memory.rss
        used["descriptors"] += descriptors
    return used
