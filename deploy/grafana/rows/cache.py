"""Hits of the feature store's tiers."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import timeseries

from deploy.grafana.panels import lines
from deploy.grafana.queries import Query, chosen, rate, share

_LOOKUPS = "edge_rank_cache_lookups_total"


def panels() -> Sequence[timeseries.Panel]:
    """Hit ratios by tier and in total."""
    hits = share(rate(_LOOKUPS, 'tier=~"memory|redis"', 'outcome="hit"'), rate(_LOOKUPS, 'tier="memory"'))
    return [
        lines(
            "Hits by tier",
            "queries: whole texts of queries; memory: items in process; redis: what memory did not know.",
            [Query(share(rate(_LOOKUPS, 'outcome="hit"', by="tier"), rate(_LOOKUPS, by="tier")), "{{tier}}")],
            unit="percentunit",
            most=1,
        ),
        lines(
            "Items known",
            "By memory or Redis. What is not known is read by the model, which costs a hundred times as much.",
            [Query(hits, "now"), Query('edge_rank:cache_hits:ratio_rate1d{job="$job"}', "day")],
            unit="percentunit",
            most=1,
        ),
        lines(
            "Lookups",
            "Of each tier and outcome. corrupt: Redis held something that is no features.",
            [Query(rate(_LOOKUPS, by="tier, outcome"), "{{tier}} {{outcome}}")],
            unit="ops",
        ),
        lines(
            "Items and texts in memory",
            "At most EDGE_RANK_MEMORY_ITEMS beside the catalogue.",
            [Query(chosen("edge_rank_memory_items"), "{{instance}}")],
        ),
        lines(
            "Texts written behind answers",
            "Texts of rankings on their way to Redis. dropped: Redis did not take them, or too many waited.",
            [Query(rate("edge_rank_cache_writes_total", by="outcome"), "{{outcome}}")],
            unit="ops",
        ),
    ]
