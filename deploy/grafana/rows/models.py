"""Serving models."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, timeseries

from deploy.grafana.panels import at_most, lines, verdict
from deploy.grafana.queries import Query, chosen


def panels() -> Sequence[timeseries.Panel | stat.Panel]:
    """Revisions, swaps, bytes."""
    serving = f"{chosen('edge_rank_model_info')} == 1"
    swaps = chosen("edge_rank_model_swaps_total")
    return [
        lines(
            "Instances by revision",
            "More than one line while a model is rolled out.",
            [Query(f"count by (name, revision) ({serving})", "{{name}} {{revision}}")],
            stacked=True,
        ),
        lines(
            "Swaps",
            "Models that were to take over, within ten minutes.",
            [Query(f"sum by (outcome) (increase({swaps}[10m]))", "{{outcome}}")],
        ),
        verdict(
            "Bytes on the device",
            "Every file that a device needs counted; 1,910,000 at most.",
            Query(f"max({chosen('edge_rank_model_device_bytes')})", "bytes"),
            at_most(1_910_001),
            unit="bytes",
        ),
    ]
