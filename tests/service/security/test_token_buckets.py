import multiprocessing
from pathlib import Path

import pytest

from service.security.token_buckets import LocalTokenBuckets, SharedTokenBuckets, TokenBuckets


@pytest.fixture(params=["own", "shared"])
def buckets(request: pytest.FixtureRequest, tmp_path: Path) -> TokenBuckets:
    return LocalTokenBuckets() if request.param == "own" else SharedTokenBuckets(tmp_path / "buckets")


def test_a_bucket_is_full_at_first_and_fills_again(buckets: TokenBuckets) -> None:
    assert [buckets.take("a", 2, 3, 100.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("a", 2, 3, 100.25) == 0.25
    assert buckets.take("a", 2, 3, 100.5) == 0
    assert [buckets.take("a", 2, 3, 1000.0) for _ in range(4)] == [0, 0, 0, 0.5]


def test_names_do_not_share(buckets: TokenBuckets) -> None:
    names = [f"key-{number}" for number in range(2000)]
    assert [buckets.take(name, 1, 1, 5.0) for name in names] == [0] * 2000
    assert [buckets.take(name, 1, 1, 5.0) for name in names] == [1] * 2000


def test_more_names_than_places_are_limited_all_the_same(tmp_path: Path) -> None:
    buckets = SharedTokenBuckets(tmp_path / "buckets")
    for number in range(4097):
        assert buckets.take(f"key-{number}", 1, 1, 5.0) == 0
    assert buckets.take("key-4096", 1, 1, 5.0) == 1


def test_time_does_not_run_backwards(buckets: TokenBuckets) -> None:
    buckets.take("a", 1, 1, 100.0)
    assert buckets.take("a", 1, 1, 99.0) == 1
    assert buckets.take("a", 1, 1, 100.5) == pytest.approx(0.5)


def take(path: Path) -> int:
    buckets = SharedTokenBuckets(path)
    return sum(buckets.take("a", 0.001, 1000, 1.0) == 0 for _ in range(600))


def test_processes_take_from_the_same_bucket(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        taken = pool.map(take, [tmp_path / "buckets"] * 3)
    assert sum(taken) == 1000
