"""The simulated devices, and the progress of the run."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, timeseries

from deploy.grafana.panels import lines, number
from deploy.grafana.queries import Query, chosen, rate, share


def panels() -> Sequence[stat.Panel | timeseries.Panel]:
    """Numbers first, then lines."""
    return [
        number("Devices", "That are simulated.", Query(chosen("edge_rank_fleet_devices"), "")),
        number("Devices seen", "Of which a session has come.", Query(chosen("edge_rank_fleet_seen_devices"), "")),
        number("Sessions", "That have come.", Query(chosen("edge_rank_fleet_sessions_total"), "")),
        number(
            "Progress",
            "How much of the run is over.",
            Query(share(chosen("edge_rank_fleet_second"), chosen("edge_rank_fleet_duration_seconds")), ""),
            unit="percentunit",
        ),
        number(
            "Asked for",
            "Requests a second, by the run's shape.",
            Query(chosen("edge_rank_fleet_asked_rate"), ""),
            unit="reqps",
        ),
        lines(
            "Sessions that come",
            "Each asks several times: as a person opens the app and turns pages.",
            [Query(rate("edge_rank_fleet_sessions_total"), "sessions")],
            unit="ops",
        ),
        lines(
            "Phase",
            "1 for the phase that the run is in.",
            [Query(chosen("edge_rank_fleet_phase"), "{{phase}}")],
            most=1,
        ),
    ]
