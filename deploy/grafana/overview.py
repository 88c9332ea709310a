"""*Overview*: at a glance, what is slow, full or failing."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.board import board
from deploy.grafana.rows import admission, glance, objectives, requests, saturation, stages

UID = "edge-rank-overview"


def overview() -> Dashboard:
    """The dashboard."""
    return board(
        UID,
        "Edge Rank / Overview",
        "Whether users get their rankings in time, and what is slow, full or failing if not.",
        [
            ("In ten seconds", glance.panels),
            ("Objectives", objectives.panels),
            ("Requests by route", requests.panels),
            ("Admission", admission.panels),
            ("Where the time goes", stages.panels),
            ("Saturation", saturation.panels),
        ],
    )
