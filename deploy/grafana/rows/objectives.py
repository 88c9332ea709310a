"""What was promised, and how much of the month's budget for breaking it is being spent."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import stat, timeseries

from deploy.grafana.panels import lines, number
from deploy.grafana.queries import Query

_BUDGETS = {"bad_answers": 0.001, "slow_answers": 0.01}


def panels() -> Sequence[timeseries.Panel | stat.Panel]:
    """Of the whole job: an objective has no instances."""
    return [
        number(
            "Rankings answered, 3 days",
            "Neither answered with 5xx nor refused for overload. Aim: 99.9 % over 30 days.",
            Query('1 - edge_rank:bad_answers:ratio_rate3d{job="$job"}', "answered"),
            unit="percentunit",
        ),
        number(
            "Rankings within 100 ms, 3 days",
            "Aim: 99 % over 30 days.",
            Query('1 - edge_rank:slow_answers:ratio_rate3d{job="$job"}', "in time"),
            unit="percentunit",
        ),
        number(
            "Instances up",
            "Instances that Prometheus reaches.",
            Query('sum(up{job="$job"})', "up"),
        ),
        number(
            "Instances not ready",
            "Those that take no requests.",
            Query('count(edge_rank_ready{job="$job"}) - sum(edge_rank_ready{job="$job"})', "not ready"),
            worse_from=1,
        ),
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
    ]


def _burn(kind: str) -> list[Query]:
    windows = ("5m", "1h", "6h", "3d")
    return [
        Query(f'edge_rank:{kind}:ratio_rate{window}{{job="$job"}} / {_BUDGETS[kind]}', window) for window in windows
    ]
