"""Saturation of the service."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import CHOSEN, Query, chosen, quantiles

_WORKER = "{{instance}} {{worker}}"


def panels() -> Sequence[timeseries.Panel]:
    """What fills up first comes first."""
    processor = chosen("edge_rank_process_cpu_seconds_total")
    restarts = chosen("edge_rank_worker_restarts_total")
    return [
        lines(
            "Batches that wait",
            "On average over a minute. The autoscaler adds instances above 0.5 of an instance.",
            [Query(f"edge_rank:waiting_batches:rate1m{{{CHOSEN}}}", "{{instance}}")],
        ),
        lines(
            "Age in the queue",
            "How long a batch waits for a core.",
            quantiles("edge_rank_stage_seconds", 'stage="queue"'),
            unit="s",
        ),
        lines(
            "Tokens that wait",
            "Of texts that wait to be read, at the moment of the scrape.",
            [Query(chosen("edge_rank_queue_tokens"), "{{instance}}")],
        ),
        lines(
            "Requests in work",
            "At the moment of the scrape, those that wait included.",
            [Query(chosen("edge_rank_requests_in_flight"), "{{instance}}")],
        ),
        lines(
            "Processor",
            "Cores that a worker uses. At EDGE_RANK_ENCODE_THREADS and a little more it can do no more.",
            [Query(f"rate({processor}[$__rate_interval])", _WORKER)],
        ),
        lines(
            "Memory",
            "Resident, of each worker. The sum of an instance's must stay below the container's limit.",
            [Query(chosen("edge_rank_process_resident_memory_bytes"), _WORKER)],
            unit="bytes",
        ),
        lines(
            "Workers",
            "Processes that serve. Fewer than EDGE_RANK_WORKERS for long: they die as they start.",
            [Query(chosen("edge_rank_workers"), "{{instance}}")],
        ),
        lines(
            "Workers that died",
            "And were replaced, within ten minutes.",
            [Query(f"sum by (instance) (increase({restarts}[10m]))", "{{instance}}")],
        ),
    ]
