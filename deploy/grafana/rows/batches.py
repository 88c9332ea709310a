"""Batches of the model."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import heatmap, timeseries

from deploy.grafana.panels import heat, lines
from deploy.grafana.queries import Query, mean, rate, share


def panels() -> Sequence[timeseries.Panel | heatmap.Panel]:
    """Texts and tokens per batch, and padding."""
    filled = share(rate("edge_rank_encoded_tokens_total"), rate("edge_rank_run_tokens_sum"))
    return [
        lines(
            "Runs of the model",
            "A second.",
            [Query(rate("edge_rank_onnx_runs_total"), "runs")],
            unit="ops",
        ),
        lines(
            "Mean run",
            "Texts and tokens of a run, padding included. Near EDGE_RANK_RUN_TOKENS the service is busy.",
            [Query(mean("edge_rank_run_texts"), "texts"), Query(mean("edge_rank_run_tokens"), "tokens")],
        ),
        lines(
            "Padding",
            "Share of computed tokens that are none.",
            [Query(f"1 - {filled}", "padding")],
            unit="percentunit",
        ),
        heat("Tokens of a run", "How many runs of each size.", rate("edge_rank_run_tokens_bucket", by="le")),
        lines(
            "Tokens read",
            "A second, without padding: by this an instance's capacity is counted.",
            [Query(rate("edge_rank_encoded_tokens_total"), "tokens")],
        ),
    ]
