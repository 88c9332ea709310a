"""What a serving process takes, read when metrics are asked for."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

_WORKER = "0"
_STATM = Path("/proc/self/statm")


class UsageCollector(Collector):
    """Tells of the process that is asked."""

    def collect(self) -> Iterator[Metric]:
        """What is taken now."""
        processor = CounterMetricFamily(
            "edge_rank_process_cpu_seconds", "Processor time that a worker has taken.", labels=["worker"]
        )
        processor.add_metric([_WORKER], time.process_time())
        memory = GaugeMetricFamily(
            "edge_rank_process_resident_memory_bytes", "Resident memory of a worker.", labels=["worker"]
        )
        if _STATM.exists():
            memory.add_metric([_WORKER], int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        yield from (processor, memory)
        yield GaugeMetricFamily("edge_rank_workers", "Serving processes that are alive.", value=1)
        yield CounterMetricFamily(
            "edge_rank_worker_restarts", "Serving processes that took the place of one that died.", value=0
        )
