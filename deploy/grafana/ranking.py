"""*Ranking*: stages, cache and quality of rankings."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.board import board
from deploy.grafana.rows import batches, cache, degradation, drift, experiments, models, redis, texts

UID = "edge-rank-ranking"


def ranking() -> Dashboard:
    """The dashboard."""
    return board(
        UID,
        "Edge Rank / Ranking",
        "What rankings are made of: what the cache knew, what the model read, how it scored, what was missing.",
        [
            ("Degraded answers", degradation.panels),
            ("Cache", cache.panels),
            ("Redis", redis.panels),
            ("Batches", batches.panels),
            ("Texts", texts.panels),
            ("Drift", drift.panels),
            ("Models", models.panels),
            ("Experiments", experiments.panels),
        ],
    )
