"""The load generator itself, as a possible bottleneck."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, chosen, rate, share


def panels() -> Sequence[timeseries.Panel]:
    """Its workers, their cores, and their delay."""
    workers = chosen("edge_rank_fleet_workers")
    cores = rate("edge_rank_fleet_processor_seconds_total")
    return [
        lines("Workers", "Processes that send.", [Query(workers, "workers")]),
        lines(
            "Cores of the workers",
            "By worker: near 1, it can send no more, and another worker is needed.",
            [Query(cores, "all"), Query(share(cores, f"sum({workers})"), "by worker")],
        ),
        lines(
            "Lateness",
            "How late an attempt was started at most since the run began. Where it is long, so are latencies.",
            [Query(chosen("edge_rank_fleet_late_seconds"), "late")],
            unit="s",
        ),
    ]
