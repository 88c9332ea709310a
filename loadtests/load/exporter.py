"""Metrics of a running load test for Prometheus: `edge_rank_fleet_…`."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from loadtests.load.fleet import Fleet
from loadtests.load.histogram import Latencies
from loadtests.load.recording import COUNTS, GRACE, LATENCIES

PREFIX = "edge_rank_fleet_"
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_COUNTED = {
    "asked": "Attempts that devices meant to start, retries included.",
    "sent": "Attempts that were started.",
    "missed": "Attempts that were not, since as many as may be were under way already.",
    "answered": "Attempts answered in full.",
    "in_time": "Attempts answered within the deadline.",
    "ended_in_time": f"Admitted attempts that ended within {GRACE:g} deadlines, whatever came of them.",
    "refused": "Attempts answered with 429.",
    "late": "Attempts answered with 504.",
    "failed": "Attempts that ended otherwise.",
    "retried": "Attempts without an answer that the device went on to try again.",
    "given_up": "Requests that no attempt answered.",
    "degraded": "Answers that said that something was missing.",
}
_TIMED = {
    "from_intended": "Of answered attempts, from the intended start.",
    "from_sent": "Of answered attempts, from the first byte sent.",
    "until_answered": "Of answered requests, from the first attempt's intended start.",
}


class FleetCollector(Collector):
    """Collects a fleet's metrics on scrape."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def collect(self) -> Iterator[Metric]:
        """All metrics of the fleet."""
        fleet, total = self._fleet, self._fleet.book.total
        shape, clock = fleet.plan.shape, fleet.clock_s
        running = 0 <= clock < fleet.end_s
        if running:
            fleet.census.count_until(clock)
        info = GaugeMetricFamily(f"{PREFIX}info", "1 for the run.", labels=("shape", "seed"))
        info.add_metric((shape.name, str(fleet.plan.options.seed)), 1)
        yield info
        now = shape.phase_at(clock).name if running else None
        phase = GaugeMetricFamily(f"{PREFIX}phase", "1 for the phase that the run is in.", labels=("phase",))
        for one in shape.phases:
            phase.add_metric((one.name,), float(one.name == now))
        yield phase
        for name, what, value in (
            ("devices", "Devices that are simulated.", fleet.plan.options.devices),
            ("seen_devices", "Devices of which a session has come.", fleet.census.seen_devices),
            ("started_at", "When the run's second 0 is, in seconds since 1970.", fleet.started_at),
            ("second", "Seconds since the run began.", max(0.0, clock)),
            ("duration_seconds", "How long the run takes.", fleet.end_s),
            ("asked_rate", "Requests a second that the shape asks for now.", shape.rate_at(clock) if running else 0.0),
            ("workers", "Processes that send.", fleet.workers - fleet.lost),
            ("late_seconds", "How late an attempt was started at most.", total.observed.get("late_ms", 0.0) / 1000),
        ):
            yield GaugeMetricFamily(f"{PREFIX}{name}", what, value)
        yield CounterMetricFamily(f"{PREFIX}sessions", "Sessions that have come.", fleet.census.sessions)
        yield CounterMetricFamily(
            f"{PREFIX}processor_seconds", "Processor time that the workers have taken.", fleet.processor_s
        )
        for name in COUNTS:
            yield CounterMetricFamily(f"{PREFIX}{name}", _COUNTED[name], getattr(total, name))
        for name in LATENCIES:
            yield _histogram(name, getattr(total, name))


def registry_of(fleet: Fleet) -> CollectorRegistry:
    """A registry with the fleet's metrics and nothing else."""
    registry = CollectorRegistry()
    registry.register(FleetCollector(fleet))
    return registry


def _histogram(name: str, latencies: Latencies) -> Metric:
    counts = latencies.counts_within(BUCKETS_S)
    buckets = [(str(bound), float(count)) for bound, count in zip(BUCKETS_S, counts, strict=True)]
    family = HistogramMetricFamily(f"{PREFIX}{name}_seconds", _TIMED[name])
    family.add_metric([], [*buckets, ("+Inf", float(latencies.count))], latencies.sum_s)
    return family
