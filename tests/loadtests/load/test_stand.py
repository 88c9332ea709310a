import time
from collections.abc import Mapping
from pathlib import Path

import httpx
from rich.progress import Progress

from loadtests.load.shape import Act
from loadtests.load.stand import stand
from loadtests.load.store import filled_redis
from tests.loadtests.load.plans import plan


def test_the_service_answers_from_what_redis_knows_and_after_a_swap_again(tmp_path: Path) -> None:
    chosen = plan("--items", "60")
    body = {"candidates": [{"id": chosen.catalogue.item(number).id} for number in range(20)]}
    with (
        Progress(disable=True) as progress,
        filled_redis(chosen, tmp_path, progress) as redis,
        (tmp_path / "log").open("w") as log,
        stand(redis, core=None, log=log) as scene,
        httpx.Client(base_url=scene.service.url) as client,
    ):
        assert client.post("/v1/rank", json=body).json()["usage"]["cached_items"] == 20
        scene.do(Act.STOP_REDIS)
        scene.do(Act.START_REDIS)
        scene.do(Act.SWAP_MODEL)
        until = time.monotonic() + 30
        while not swapped_and_knows(client, body):  # the first who asks a Redis that came back finds a dead connection
            assert time.monotonic() < until


def swapped_and_knows(client: httpx.Client, body: Mapping[str, object]) -> bool:
    if 'edge_rank_model_swaps_total{outcome="done"} 1.0' not in client.get("/metrics").text:
        return False
    return bool(client.post("/v1/rank", json=body).json()["usage"]["cached_items"] == 20)
