"""Answers as devices see them."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, rate, share

_ADMITTED = f"({rate('edge_rank_fleet_sent_total')} - {rate('edge_rank_fleet_refused_total')})"


def panels() -> Sequence[timeseries.Panel]:
    """Failed attempts, unanswered requests, degraded answers."""
    return [
        lines(
            "Refused, late, failed and retried",
            "refused: with 429. late: with 504. failed: anything else but a full answer. "
            "retried: the device goes on to try again.",
            [Query(rate(f"edge_rank_fleet_{name}_total"), name) for name in ("refused", "late", "failed", "retried")],
            unit="reqps",
        ),
        lines(
            "Given up",
            "Requests that no attempt answered: these users see the list in the order of the backend.",
            [Query(rate("edge_rank_fleet_given_up_total"), "given up")],
            unit="reqps",
        ),
        lines(
            "Shares",
            "Of attempts that were sent, those refused, late and failed; of answers, the degraded ones.",
            [
                *(
                    Query(share(rate(f"edge_rank_fleet_{name}_total"), rate("edge_rank_fleet_sent_total")), name)
                    for name in ("refused", "late", "failed")
                ),
                Query(
                    share(rate("edge_rank_fleet_degraded_total"), rate("edge_rank_fleet_answered_total")), "degraded"
                ),
            ],
            unit="percentunit",
        ),
        lines(
            "Share of admitted attempts that ended in time",
            "Within 1.2 deadlines of the device, whatever came of them; refused ones were not admitted.",
            [
                Query(share(rate("edge_rank_fleet_ended_in_time_total"), _ADMITTED), "ended in time"),
            ],
            unit="percentunit",
            most=1,
        ),
    ]
