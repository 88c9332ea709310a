from pathlib import Path

from rich.progress import Progress

from loadtests.harness.redis_process import RedisProcess
from loadtests.load.store import filled_redis
from tests.loadtests.load.plans import plan

FEW = ("--items", "60")


def items_in(redis: RedisProcess) -> int:
    with redis.client as client:
        return int(client.dbsize())


def test_redis_knows_every_item_and_the_next_run_does_not_embed_them_again(tmp_path: Path) -> None:
    with Progress(disable=True) as progress:
        for _ in range(2):
            with filled_redis(plan(*FEW), tmp_path, progress) as redis:
                assert items_in(redis) == 60
                redis.kill()
                redis.start()
                assert items_in(redis) == 60
        assert [task.total for task in progress.tasks] == [60]  # embedded once
    (kept,) = tmp_path.iterdir()
    assert kept.suffix == ".rdb"


def test_more_items_are_another_snapshot(tmp_path: Path) -> None:
    with Progress(disable=True) as progress:
        with filled_redis(plan(*FEW), tmp_path, progress):
            pass
        with filled_redis(plan("--items", "70"), tmp_path, progress) as redis:
            assert items_in(redis) == 70
        assert len(progress.tasks) == 2


def test_a_cold_cache_is_empty(tmp_path: Path) -> None:
    with Progress(disable=True) as progress, filled_redis(plan("--shape", "cold", *FEW), tmp_path, progress) as redis:
        assert items_in(redis) == 0
