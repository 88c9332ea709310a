"""Whether the load generator achieved the intended load; if not, a run proves less than it seems to."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, chosen, rate, share


def panels() -> Sequence[timeseries.Panel]:
    """Intended, sent and answered load; missed starts."""
    return [
        lines(
            "Asked against achieved",
            "shape: requests that it asks for. asked: attempts that devices meant to start, retries included. "
            "in_time: answered within the device's deadline: the goodput.",
            [
                Query(chosen("edge_rank_fleet_asked_rate"), "shape"),
                *(
                    Query(rate(f"edge_rank_fleet_{name}_total"), name)
                    for name in ("asked", "sent", "answered", "in_time")
                ),
            ],
            unit="reqps",
        ),
        lines(
            "Share of asked attempts that were sent",
            "Below 1, starts were missed: the load that was asked for was not there.",
            [Query(share(rate("edge_rank_fleet_sent_total"), rate("edge_rank_fleet_asked_total")), "sent")],
            unit="percentunit",
            most=1,
        ),
        lines(
            "Missed starts",
            "Attempts that were not started, since as many as may be were under way: the service answers too slowly.",
            [Query(rate("edge_rank_fleet_missed_total"), "missed")],
            unit="reqps",
        ),
    ]
