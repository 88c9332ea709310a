"""One caller changes nothing of what another gets."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from loadtests.harness.redis_process import RedisProcess
from service.feature_store.items.item import Item
from tests.service.apps import RunningApp, ids, running, settings

CATALOGUE = [
    Item("voucher", "Coffee voucher", "Coffee voucher for two", "food"),
    Item("taxi", "Taxi", "Call a taxi", "travel"),
    Item("train", "Train", "Book train tickets", "travel"),
]
PUT = {"id": "put", "text": "Share a restaurant bill", "category": "money"}
NAMED = [{"id": one.id} for one in CATALOGUE] + [{"id": "put"}]
OTHER_TEXTS = [{"id": one["id"], "text": "coffee restaurant tickets", "category": "garden"} for one in NAMED]


@pytest.fixture(params=["memory", "redis"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[RunningApp]:
    changed = settings()
    if request.param == "redis":
        redis: RedisProcess = request.getfixturevalue("redis_server")
        changed = settings(redis_url=redis.url, redis_timeout_ms=2000, memory_ttl_s=0.001)
    async with running(changed, catalogue=CATALOGUE) as app:
        assert (await app.client.put("/v1/items", json={"items": [PUT]})).status_code == 200
        yield app


async def answers(service: RunningApp) -> list[dict[str, Any]]:
    """The answers to several requests that name items by their ids."""
    history = [{"item_id": "voucher", "action": "click"}, {"item_id": "put", "action": "skip"}]
    asked: list[dict[str, Any]] = [
        {"query": "coffee for two"},
        {"query": "share the bill", "options": {"ranker": "dense", "explain": True}},
        {"user": {"history": history}, "options": {"explain": True}},
        {"query": "train", "options": {"max_per_category": 1, "diversity": 0.5}},
    ]
    return [(await service.rank(candidates=NAMED, **one))["results"] for one in asked]


async def test_a_ranking_changes_no_item(service: RunningApp) -> None:
    before = await answers(service)
    for _ in range(2):
        await service.rank(query="coffee", candidates=OTHER_TEXTS)
        history = [{"item_id": one["id"], "text": "x", "category": "y", "action": "purchase"} for one in NAMED]
        await service.rank(user={"history": history}, candidates=[*OTHER_TEXTS])
        await service.rank(candidates=[{"id": one["id"], "category": "garden"} for one in NAMED])
        await service.rank(candidates=[{"id": one["id"], "text": "обувь"} for one in NAMED])
    assert await answers(service) == before


async def test_a_ranking_makes_no_item(service: RunningApp) -> None:
    await service.rank(candidates=[{"id": "new", "text": "coffee", "category": "food"}])
    answer = await service.rank(query="coffee", candidates=[{"id": "new"}], user=_clicked("new"))
    assert answer["results"][0]["status"] == "missing"
    assert answer["usage"]["cached_items"] == 0


async def test_a_text_is_ranked_alike_whatever_others_say_of_its_id(service: RunningApp) -> None:
    body = {"query": "coffee", "candidates": [{"id": "voucher", "text": "Tea for one"}, {"id": "x", "text": "Coffee"}]}
    first = await service.rank(**body)
    items = [{"id": "voucher", "text": "Something else"}, {"id": "x", "text": "Tea", "category": "food"}]
    await service.client.put("/v1/items", json={"items": items})
    second = await service.rank(**body)
    assert second["results"] == first["results"]
    assert second["usage"]["cached_items"] == 2


async def test_a_text_has_the_category_that_its_request_says_and_none_without(service: RunningApp) -> None:
    """Two of a category may not both be shown; that the item of the id has one is nothing to the text."""
    texts = [{"id": "taxi", "text": "Call a taxi"}, {"id": "train", "text": "Book train tickets"}]
    options = {"max_per_category": 1}
    assert len(ids(await service.rank(candidates=texts, options=options))) == 2
    named = [{"id": one["id"]} for one in texts]
    assert len(ids(await service.rank(candidates=named, options=options))) == 1
    told = [{**one, "category": one["id"]} for one in named]
    assert len(ids(await service.rank(candidates=told, options=options))) == 2
    assert len(ids(await service.rank(candidates=named, options=options))) == 1


async def test_within_a_request_an_event_is_of_what_its_candidate_says(service: RunningApp) -> None:
    candidates = [{"id": "voucher", "text": "Garden hose"}, {"id": "b", "text": "Garden spade"}]
    told = await service.rank(candidates=candidates, user=_clicked("voucher"), options={"explain": True})
    spelt = {"history": [{"item_id": "voucher", "text": "Garden hose", "action": "click"}]}
    assert (
        told["results"] == (await service.rank(candidates=candidates, user=spelt, options={"explain": True}))["results"]
    )


async def test_a_request_id_that_comes_again_changes_no_answer(service: RunningApp) -> None:
    before = await answers(service)
    for _ in range(2):
        await service.rank(request_id="r-1", query="coffee", candidates=OTHER_TEXTS)
        events = [{"request_id": "r-1", "item_id": one["id"], "action": "purchase"} for one in NAMED]
        assert (await service.client.post("/v1/feedback", json={"events": events})).status_code == 200
    assert await answers(service) == before


async def test_other_shapes_change_no_answer(service: RunningApp) -> None:
    before = await answers(service)
    texts = ["coffee for two", "Coffee voucher for two", "Share a restaurant bill"]
    await service.client.post("/v1/embeddings", json={"input": texts, "model": "m"})
    await service.client.post("/v1/rerank", json={"query": texts[0], "documents": texts, "model": "m"})
    assert await answers(service) == before


def _clicked(item_id: str) -> dict[str, Any]:
    return {"history": [{"item_id": item_id, "action": "click"}]}
