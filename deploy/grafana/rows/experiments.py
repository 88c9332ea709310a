"""Experiments: rankers, variants and feedback."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, rate


def panels() -> Sequence[timeseries.Panel]:
    """Rankers and variants, feedback, the impression log."""
    return [
        lines(
            "Rankings by ranker and variant",
            "The shares of an experiment's arms are those of its users, not of their requests.",
            [Query(rate("edge_rank_rankings_total", by="ranker, variant"), "{{ranker}} {{variant}}")],
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Feedback by action",
            "What users did. Of known answers: the process that took it remembers what it answered.",
            [Query(rate("edge_rank_feedback_total", by="action, known"), "{{action}}, known: {{known}}")],
            unit="ops",
            stacked=True,
        ),
        lines(
            "Lines of the impression log",
            "Dropped: the disk is full, or slower than the answers come.",
            [Query(rate("edge_rank_impressions_total", by="outcome"), "{{outcome}}")],
            unit="ops",
        ),
    ]
