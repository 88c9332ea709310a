"""Rate, errors and duration by route."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, quantile, quantiles, rate, share

_REQUESTS = "edge_rank_requests_total"
_SECONDS = "edge_rank_request_seconds"
_RANKING = 'route=~"/v1/rank|/rank"'


def panels() -> Sequence[timeseries.Panel]:
    """Three panels on all routes, three on ranking."""
    return [
        lines("Requests", "Of each route.", [Query(rate(_REQUESTS, by="route"), "{{route}}")], unit="reqps"),
        lines(
            "Errors",
            "Answers with 4xx and 5xx; 4xx are the clients', 5xx ours.",
            [Query(rate(_REQUESTS, 'status=~"[45].."', by="status"), "{{status}}")],
            unit="reqps",
            stacked=True,
        ),
        lines(
            "99th percentile by route",
            "From a request's arrival to the end of its answer.",
            [Query(quantile(0.99, _SECONDS, by="route"), "{{route}}")],
            unit="s",
        ),
        lines("Time of rankings", "Of all rankings.", quantiles(_SECONDS, _RANKING), unit="s"),
        lines(
            "Share of rankings with errors",
            "By status, 4xx included.",
            [
                Query(share(rate(_REQUESTS, _RANKING, 'status=~"4.."'), rate(_REQUESTS, _RANKING)), "4xx"),
                Query(share(rate(_REQUESTS, _RANKING, 'status=~"5.."'), rate(_REQUESTS, _RANKING)), "5xx"),
            ],
            unit="percentunit",
        ),
        lines(
            "Candidates of a ranking",
            "How large requests are: most of what a request costs goes by it.",
            quantiles("edge_rank_candidates"),
        ),
    ]
