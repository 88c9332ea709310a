"""How full the service is."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import CHOSEN, Query, chosen, quantiles, rate


def panels() -> Sequence[timeseries.Panel]:
    """What fills up first stands first."""
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
            "At the moment of the scrape. Past EDGE_RANK_QUEUE_TOKENS requests are refused.",
            [Query(chosen("edge_rank_queue_tokens"), "{{instance}}")],
        ),
        lines(
            "Requests in work",
            "Past its limit an instance refuses: EDGE_RANK_MAX_REQUESTS, less while answers take longer than its goal.",
            [
                Query(chosen("edge_rank_requests_in_flight"), "{{instance}}"),
                Query(chosen("edge_rank_requests_limit"), "{{instance}}: limit"),
            ],
        ),
        lines(
            "Refused unread",
            "overloaded: too many at once; rate_limited: of one key; unauthorized: no key.",
            [Query(rate("edge_rank_refused_requests_total", by="reason"), "{{reason}}")],
            unit="reqps",
        ),
        lines(
            "Processor",
            "Cores that an instance uses. Instances with several workers do not tell.",
            [Query(f"rate({chosen('process_cpu_seconds_total')}[$__rate_interval])", "{{instance}}")],
        ),
        lines(
            "Memory",
            "Resident. Instances with several workers do not tell.",
            [Query(chosen("process_resident_memory_bytes"), "{{instance}}")],
            unit="bytes",
        ),
    ]
