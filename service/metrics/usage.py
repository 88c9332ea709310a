"""Processor time and memory of all workers, read by any of them when metrics are scraped."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from service.metrics.worker_roster import read_roster

_PROC = Path("/proc")
_UTIME, _RSS = 11, 21  # fields after the program's name: proc_pid_stat(5)


class UsageCollector(Collector):
    """Reads Linux's /proc of workers that share a folder, or of this process; elsewhere its processor time alone."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def describe(self) -> Iterator[Metric]:
        """The families, without values."""
        yield from self._families()

    def collect(self) -> Iterator[Metric]:
        """The families with current values."""
        roster = read_roster(self._folder)
        processor, memory, alive, restarts = self._families()
        for slot, pid in sorted(roster.workers.items()):
            used = _used(pid)
            if used is not None:
                processor.add_metric([str(slot)], used[0])
                if used[1] is not None:
                    memory.add_metric([str(slot)], used[1])
        alive.add_metric([], len(roster.workers))
        restarts.add_metric([], roster.restarts)
        yield from (processor, memory, alive, restarts)

    @staticmethod
    def _families() -> tuple[CounterMetricFamily, GaugeMetricFamily, GaugeMetricFamily, CounterMetricFamily]:
        return (
            CounterMetricFamily(
                "edge_rank_process_cpu_seconds", "Processor time that a worker has taken.", labels=["worker"]
            ),
            GaugeMetricFamily(
                "edge_rank_process_resident_memory_bytes", "Resident memory of a worker.", labels=["worker"]
            ),
            GaugeMetricFamily("edge_rank_workers", "Serving processes that are alive."),
            CounterMetricFamily("edge_rank_worker_restarts", "Serving processes that took the place of one that died."),
        )


def _used(pid: int) -> tuple[float, float | None] | None:
    """Seconds and bytes of a process; None if it has ended."""
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return (time.process_time(), None) if pid == os.getpid() else None
    fields = stat[stat.rindex(b")") + 2 :].split()
    ticks = int(fields[_UTIME]) + int(fields[_UTIME + 1])
    return ticks / os.sysconf("SC_CLK_TCK"), float(int(fields[_RSS]) * os.sysconf("SC_PAGE_SIZE"))
