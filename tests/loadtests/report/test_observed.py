from loadtests.report.observed import hit_ratio, megabytes
from loadtests.report.stretch import whole
from tests.loadtests.recordings import recording


def test_hits_by_what_was_looked_up() -> None:
    run = recording(2)
    run.seconds[0].observed |= {"cache_redis_hits": 97.0, "cache_redis_misses": 93.0}
    assert hit_ratio(whole(run), "redis") == (97 + 7) / (190 + 10)
    assert hit_ratio(whole(run), "memory") == 0.9


def test_nothing_was_looked_up() -> None:
    run = recording(1)
    run.seconds[0].observed |= {"cache_redis_hits": 0.0, "cache_redis_misses": 0.0}
    assert hit_ratio(whole(run), "redis") is None
    run.seconds[0].observed = {}
    assert hit_ratio(whole(run), "memory") is None


def test_megabytes() -> None:
    assert megabytes(2.5e6) == 2.5
    assert megabytes(None) is None
