"""How fast the month's error budget is spent."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query

BUDGETS = {"bad_answers": 0.001, "slow_answers": 0.01}
"""Error budget: share of rankings over 30 days."""


def panels() -> Sequence[timeseries.Panel]:
    """For the whole job, since objectives are not per instance."""
    return [
        lines(
            "Burn rate, availability",
            "1 spends exactly the month's budget in a month. Pages at 14.4 over an hour and 6 over six hours.",
            _burn("bad_answers"),
        ),
        lines(
            "Burn rate, latency",
            "1 spends exactly the month's budget in a month. Pages at 14.4 over an hour and 6 over six hours.",
            _burn("slow_answers"),
        ),
        lines(
            "Instances",
            "Those that Prometheus knows, reaches, and that take requests.",
            [
                Query('count(up{job="$job"})', "known"),
                Query('sum(up{job="$job"})', "up"),
                Query('sum(edge_rank_ready{job="$job"})', "ready"),
            ],
        ),
    ]


def _burn(kind: str) -> list[Query]:
    windows = ("5m", "1h", "6h", "3d")
    return [Query(f'edge_rank:{kind}:ratio_rate{window}{{job="$job"}} / {BUDGETS[kind]}', window) for window in windows]
