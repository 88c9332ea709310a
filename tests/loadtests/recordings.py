"""Recordings whose every figure is known."""

from loadtests.load.recording import Gate, Phase, Recording, Run, Second

OBSERVED = {
    "service_cores": 0.5,
    "redis_cores": 0.05,
    "load_cores": 0.25,
    "service_bytes": 160e6,
    "redis_bytes": 20e6,
    "load_bytes": 90e6,
    "late_ms": 3.0,
    "cache_queries_hits": 1.0,
    "cache_queries_misses": 3.0,
    "cache_memory_hits": 90.0,
    "cache_memory_misses": 10.0,
    "cache_redis_hits": 7.0,
    "cache_redis_misses": 3.0,
    "shed": 2.0,
    "degraded_answers": 1.0,
    "encoded_texts": 11.0,
    "redis_errors": 0.0,
    "model_swaps": 0.0,
    "requests_in_flight": 4.0,
    "queue_tokens": 130.0,
}


def run(**changed: object) -> Run:
    """A run, with some values changed."""
    values: dict[str, object] = {
        "shape": "flash",
        "started_at": "2026-11-25T08:00:00+00:00",
        "seed": 4711,
        "devices": 123_456,
        "seen_devices": 2_345,
        "sessions": 3_456,
        "items": 45_678,
        "model": "edge-rank-en@cc47e424e1da",
        "revision": "0a1b2c3",
        "machine": "two cores & 8 GB",
        "settings": {"rate": 12.5, "host": "http://127.0.0.1:1"},
        "phases": (Phase("before", 0, 6, 8.0), Phase("flash", 6, 9, 40.0), Phase("after", 9, 12, 8.0)),
        "gates": (Gate("p99 of before, ms", 12.25, most=100.0), Gate("share answered in flash", 0.5, least=0.9)),
        "events": ({"second": 6, "text": "five times the load"},),
    }
    return Run(**(values | changed))  # type: ignore[arg-type]


def second(number: int, *, answered: int = 8, latency_s: float = 0.01, observed: bool = True) -> Second:
    """A second in which two attempts were refused, one late, one missed, and the others answered in the same time."""
    made = Second(
        number,
        asked=answered + 4,
        sent=answered + 3,
        missed=1,
        answered=answered,
        in_time=max(0, answered - 1),
        ended_in_time=answered,
        refused=2,
        late=1,
        retried=1,
        given_up=2,
        degraded=1,
        observed=dict(OBSERVED) if observed else {},
    )
    for _ in range(answered):
        made.from_sent.add(latency_s)
        made.from_intended.add(2 * latency_s)
        made.until_answered.add(3 * latency_s)
    return made


def recording(length: int = 12, **changed: object) -> Recording:
    """Some seconds, those from the seventh to the ninth ten times as slow."""
    return Recording(run(**changed), [second(one, latency_s=0.1 if 6 <= one < 9 else 0.01) for one in range(length)])
