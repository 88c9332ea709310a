"""Drift of scores."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import heatmap, timeseries

from deploy.grafana.panels import heat, lines
from deploy.grafana.queries import Query, quantiles, rate


def panels() -> Sequence[timeseries.Panel | heatmap.Panel]:
    """The best score of an answer shows how well the candidates match."""
    return [
        lines(
            "Mean best score",
            "Of the last hour and the last day: apart by more than 0.15, other texts come, or another model serves.",
            [Query(f'edge_rank:best_score:mean{window}{{job="$job"}}', window) for window in ("1h", "1d")],
            least=None,
        ),
        lines(
            "Best scores", "Of complete answers by the learned weights.", quantiles("edge_rank_best_score"), least=None
        ),
        heat("Best scores, all", "How many answers of each.", rate("edge_rank_best_score_bucket", by="le")),
    ]
