from service.admission.deadline import Deadline
from service.feature_store.features import digest_of
from tests.service.apps import RunningApp, bundled_model, ids, running, settings


async def test_items_are_remembered_and_then_ranked_by_id(service: RunningApp) -> None:
    response = await service.client.put(
        "/v1/items",
        json={
            "request_id": "put-1",
            "items": [
                {"id": "taxi", "text": "call a taxi", "category": "travel"},
                {"id": "split", "title": "Split a bill", "description": "Share a dinner"},
            ],
        },
    )
    assert response.status_code == 200
    answer = response.json()
    assert answer["stored"] == 2
    assert answer["truncated"] == []
    assert answer["unreadable"] == []
    assert answer["degraded"] == []
    assert answer["request_id"] == response.headers["X-Request-ID"] == "put-1"
    assert answer["usage"]["encoded_texts"] == 2
    assert ids(await service.rank(query="share a dinner", candidates=[{"id": "taxi"}, {"id": "split"}]))[0] == "split"
    found = (await service.container.models.current.store.look_up(["taxi", "split"], [], Deadline())).items
    assert found["taxi"].category == "travel"
    assert found["split"].text_digest == digest_of("Split a bill. Share a dinner")


async def test_truncated_items_are_named(service: RunningApp) -> None:
    items = [{"id": "long", "text": "word " * 100}, {"id": "short", "text": "word"}]
    response = await service.client.put("/v1/items", json={"items": items})
    assert response.json()["truncated"] == ["long"]
    assert service.metric("truncated_texts_total") == 1


async def test_an_item_whose_new_text_can_not_be_read_is_forgotten() -> None:
    async with running(model=bundled_model()) as bundled:
        for text in ("call a taxi", "обувь"):
            await bundled.client.put("/v1/items", json={"items": [{"id": "a", "text": text}]})
        ranked = await bundled.rank(query="taxi", candidates=[{"id": "a"}])
    assert [one["status"] for one in ranked["results"]] == ["missing"]


async def test_items_that_can_not_be_read_are_named_and_not_stored() -> None:
    texts = {"shoes": "обувь", "taxi": "call a taxi", "smile": "😀", "thai": "แบ่งบิล"}
    async with running(model=bundled_model()) as bundled:
        items = [{"id": item_id, "text": text} for item_id, text in texts.items()]
        answer = (await bundled.client.put("/v1/items", json={"items": items})).json()
        assert answer["stored"] == 1
        assert answer["unreadable"] == ["shoes", "smile", "thai"]
        assert answer["usage"]["encoded_texts"] == 4
        ranked = await bundled.rank(query="taxi", candidates=[{"id": item_id} for item_id in texts])
    assert {one["id"]: one["status"] for one in ranked["results"]} == {
        "taxi": "ok",
        "shoes": "missing",
        "smile": "missing",
        "thai": "missing",
    }


async def test_items_that_cannot_be_embedded_are_refused(service: RunningApp) -> None:
    bad = [
        {"id": "a"},
        {"id": "a", "text": " "},
        {"id": "a", "text": "x", "title": "x"},
        {"id": "a", "text": "x", "description": "x"},
    ]
    for item in bad:
        response = await service.client.put("/v1/items", json={"items": [item]})
        assert response.status_code == 422
        assert response.json()["error"]["details"][0]["field"] == "items[0]"
    assert (await service.client.put("/v1/items", json={"items": []})).status_code == 422


async def test_too_many_items_are_refused() -> None:
    async with running(settings(max_items=1)) as service:
        items = [{"id": "a", "text": "x"}, {"id": "b", "title": "123456"}]
        response = await service.client.put("/v1/items", json={"items": items})
    assert response.status_code == 413
    assert [detail["field"] for detail in response.json()["error"]["details"]] == ["items"]


async def test_items_without_redis_behind_them_are_marked() -> None:
    async with running(settings(redis_url="redis://127.0.0.1:1/0")) as service:
        response = await service.client.put("/v1/items", json={"items": [{"id": "a", "text": "x"}]})
        assert response.json()["degraded"] == ["feature_store"]
        assert service.metric("degraded_answers_total", reason="feature_store") == 1
