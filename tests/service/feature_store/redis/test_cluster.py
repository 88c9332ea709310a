from collections.abc import Iterator, Sequence

import pytest

from loadtests.harness.redis_cluster import redis_cluster
from loadtests.harness.redis_process import RedisProcess, redis_executable
from service.feature_store.items.store import item_key
from tests.service.apps import candidates, running, settings

TEXTS = {f"item {number}": f"split a bill {number}" for number in range(50)}


@pytest.fixture(scope="module")
def nodes() -> Iterator[Sequence[RedisProcess]]:
    with redis_cluster(redis_executable()) as cluster:
        yield cluster


async def test_items_lie_on_all_nodes_and_are_found_there(nodes: Sequence[RedisProcess]) -> None:
    changed = settings(redis_url=nodes[0].url, redis_cluster=True, redis_timeout_ms=2000)
    async with running(changed) as one:
        assert (await one.client.put("/v1/items", json={"items": candidates(TEXTS)})).json()["degraded"] == []
        first = await one.rank(query="split a bill 7", candidates=[{"id": item} for item in TEXTS])
        held = [key async for chunk in one.container.models.current.features.tiers.items.chunks() for key in chunk]
        assert sorted(held) == sorted(map(item_key, TEXTS))
    async with running(changed) as other:  # its memory is empty
        second = await other.rank(query="split a bill 7", candidates=[{"id": item} for item in TEXTS])
    assert first["degraded"] == second["degraded"] == []
    assert second["usage"]["cached_items"] == len(TEXTS)
    assert [result["id"] for result in second["results"]] == [result["id"] for result in first["results"]]
    sizes = [int(node.client.dbsize()) for node in nodes[:3]]
    assert sum(sizes) == len(TEXTS)
    assert min(sizes) > 0


async def test_a_lost_node_degrades_an_answer_and_fails_none(nodes: Sequence[RedisProcess]) -> None:
    changed = settings(redis_url=nodes[0].url, redis_cluster=True, redis_timeout_ms=200, memory_ttl_s=0.001)
    async with running(changed) as service:
        await service.rank(query="bill", candidates=candidates(TEXTS))
        nodes[1].kill()
        answer = await service.rank(query="bill", candidates=candidates(TEXTS))
    assert {result["status"] for result in answer["results"]} == {"ok"}
