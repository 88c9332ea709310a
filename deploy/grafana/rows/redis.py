"""Redis, as the service sees it."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, quantile, rate


def panels() -> Sequence[timeseries.Panel]:
    """Latency, errors and skipped calls."""
    seconds = "edge_rank_redis_seconds"
    return [
        lines(
            "Time of Redis",
            "99th percentile of a command, failed ones included; EDGE_RANK_REDIS_TIMEOUT_MS bounds it.",
            [Query(quantile(0.99, seconds, by="operation"), "{{operation}}")],
            unit="s",
        ),
        lines(
            "Errors of Redis",
            "Commands that failed. authentication: the password changed; refused: it is full, or not writable.",
            [Query(rate("edge_rank_redis_errors_total", by="operation, kind"), "{{operation}} {{kind}}")],
            unit="ops",
        ),
        lines(
            "Commands not sent",
            "Because the breaker was open.",
            [Query(rate("edge_rank_redis_skipped_total", by="operation"), "{{operation}}")],
            unit="ops",
        ),
    ]
