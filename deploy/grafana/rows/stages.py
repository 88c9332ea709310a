"""Time of a ranking by stage."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, mean, quantile, rate

_STAGES = "edge_rank_stage_seconds"


def panels() -> Sequence[timeseries.Panel]:
    """Stages: queue, encode (of which infer), store, score."""
    return [
        lines(
            "Mean time in a stage",
            "queue: waits for a core; encode: embedded, infer of it in the model; store: looked up.",
            [Query(mean(_STAGES, by="stage"), "{{stage}}")],
            unit="s",
        ),
        lines(
            "99th percentile of a stage",
            "The same; the slowest hundredth.",
            [Query(quantile(0.99, _STAGES, by="stage"), "{{stage}}")],
            unit="s",
        ),
        lines(
            "Busy in a stage",
            "Seconds a second: encode near the number of encoding threads means that cores are what lacks.",
            [Query(rate(f"{_STAGES}_sum", by="stage"), "{{stage}}")],
        ),
    ]
