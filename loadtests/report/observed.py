"""The names of a recording's observations, and ratios of them."""

from loadtests.report.stretch import Stretch

CORES = {"service": "service_cores", "Redis": "redis_cores", "load generator": "load_cores"}
MEMORY = {"service": "service_bytes", "Redis": "redis_bytes", "load generator": "load_bytes"}
TIERS = {"queries": "queries", "memory": "memory", "Redis": "redis"}
LATE_MS = "late_ms"
# Counters, per second, and gauges.
COUNTED = {
    "refused as overloaded": "shed",
    "degraded answers": "degraded_answers",
    "texts read": "encoded_texts",
    "errors of Redis": "redis_errors",
    "model swaps": "model_swaps",
}
HELD = {"most requests in work": "requests_in_flight", "most tokens waiting": "queue_tokens"}


def hit_ratio(stretch: Stretch, tier: str) -> float | None:
    """Hit ratio of a cache tier, from 0 to 1; None without look-ups."""
    hits = sum(stretch.observed(f"cache_{tier}_hits"))
    lookups = hits + sum(stretch.observed(f"cache_{tier}_misses"))
    return hits / lookups if lookups else None


def megabytes(count: float | None) -> float | None:
    """Convert bytes to MB."""
    return None if count is None else count / 1e6
