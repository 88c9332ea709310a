"""Latency as devices see it."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import quantiles


def panels() -> Sequence[timeseries.Panel]:
    """The same answers, measured from three starting points."""
    return [
        lines(
            "From the intended start",
            "Of answered attempts. Waiting for a late send counts: a server that stalls cannot hide it.",
            quantiles("edge_rank_fleet_from_intended_seconds"),
            unit="s",
        ),
        lines(
            "From the send",
            "Of answered attempts. Where it is much less than from the intended start, sends were late.",
            quantiles("edge_rank_fleet_from_sent_seconds"),
            unit="s",
        ),
        lines(
            "Until a request was answered",
            "From the first attempt's intended start, with refused attempts and the waits after them.",
            quantiles("edge_rank_fleet_until_answered_seconds"),
            unit="s",
        ),
    ]
