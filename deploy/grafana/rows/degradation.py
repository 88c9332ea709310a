"""Degraded answers."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, chosen, rate, share


def panels() -> Sequence[timeseries.Panel]:
    """Reasons for degraded answers."""
    degraded, rankings = "edge_rank_degraded_answers_total", rate("edge_rank_candidates_count")
    reasons = ("feature_store", "deadline")
    return [
        lines(
            "Degraded answers",
            "Share of rankings. feature_store: Redis was not reached; deadline: ordered by the backend's scores.",
            [Query(share(rate(degraded, f'reason="{reason}"'), rankings), reason) for reason in reasons],
            unit="percentunit",
        ),
        lines(
            "Missing candidates",
            "Share of candidates without text that no store knew.",
            [Query(share(rate("edge_rank_missing_candidates_total"), rate("edge_rank_candidates_sum")), "missing")],
            unit="percentunit",
        ),
        lines(
            "Redis in use",
            "0 while an instance's breaker before Redis is open.",
            [Query(chosen("edge_rank_tier_available"), "{{instance}}")],
            most=1,
        ),
    ]
