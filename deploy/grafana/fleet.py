"""*Fleet*: requests and answers from the point of view of simulated devices."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.board import LOAD_TAG, board, event
from deploy.grafana.queries import chosen
from deploy.grafana.rows import achievement, devices, experience, generator, outcomes

UID = "edge-rank-fleet"
_PHASE = chosen("edge_rank_fleet_phase")


def fleet() -> Dashboard:
    """The dashboard."""
    return board(
        UID,
        "Edge Rank / Fleet",
        "A load test as it goes on: what devices meant to ask, what was asked, what they were answered, and how late.",
        [
            ("Devices", devices.panels),
            ("Asked against achieved", achievement.panels),
            ("What became of it", outcomes.panels),
            ("Latency as devices see it", experience.panels),
            ("Load generator", generator.panels),
        ],
        found_by="edge_rank_fleet_devices",
        tag=LOAD_TAG,
        events=[event("Phase begins", f"sum by (phase) (delta({_PHASE}[$__rate_interval])) > 0", "blue")],
    )
