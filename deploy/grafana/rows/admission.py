"""Admission and refusals, and the accuracy of the predictions behind them."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import heatmap, timeseries

from deploy.grafana.panels import heat, lines
from deploy.grafana.queries import Query, quantile, quantiles, rate

_REQUESTS = "edge_rank_requests_total"
_REFUSED = "edge_rank_refused_requests_total"
_RANKING = 'route=~"/v1/rank|/rank"'
_RATIO, _WAIT = "edge_rank_admission_ratio", "edge_rank_wait_seconds"


def panels() -> Sequence[timeseries.Panel | heatmap.Panel]:
    """A request is admitted if it can be finished within its deadline, after all requests ahead of it."""
    return [
        lines(
            "What became of rankings",
            "Goodput is what was answered. late: the deadline passed in work; too many mean predictions too good.",
            [
                Query(rate(_REQUESTS, _RANKING, 'status="200"'), "answered"),
                Query(rate(_REQUESTS, _RANKING, 'status="504"'), "late"),
                Query(rate(_REQUESTS, _RANKING, 'status=~"5..", status!="504"'), "failed"),
                Query(rate(_REFUSED, 'reason=~"overloaded|queue_full|connections|memory"'), "refused for overload"),
            ],
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Refused by reason",
            "overloaded, queue_full, connections, memory: the service is full. The others are the clients' doing.",
            [Query(rate(_REFUSED, by="reason"), "{{reason}}")],
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Time taken over time predicted",
            "Of admitted requests. 1: as predicted; above 2, too many are let in and come late; below 0.5, too few.",
            quantiles(_RATIO),
        ),
        lines(
            "Wait before work, p99 by class",
            "Until the last of a request's work is begun. small: less than 10 ms of work; medium: less than 100.",
            [Query(quantile(0.99, _WAIT, by="class"), "{{class}}")],
            unit="s",
        ),
        lines(
            "Wait before work, median by class",
            "The same; the middle one.",
            [Query(quantile(0.5, _WAIT, by="class"), "{{class}}")],
            unit="s",
        ),
        heat("Taken over predicted, all", "How many admitted requests of each.", rate(f"{_RATIO}_bucket", by="le")),
    ]
