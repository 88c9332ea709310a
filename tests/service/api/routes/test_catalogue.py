from collections.abc import AsyncIterator

import pytest

from service.feature_store.items.item import Item
from tests.service.apps import RunningApp, running

ITEMS = [
    Item("taxi", "Taxi", "Taxi. Call a car", "transport"),
    Item("split", "Split a bill", "Split a bill", None),
    Item("coffee", "Coffee", "Coffee. A voucher", "food"),
]


@pytest.fixture
async def service() -> AsyncIterator[RunningApp]:
    async with running(catalogue=ITEMS) as app:
        yield app


async def test_the_catalogue_comes_in_its_order(service: RunningApp) -> None:
    page = (await service.client.get("/v1/catalogue")).json()
    assert page["total"] == 3
    assert page["items"] == [
        {"id": "taxi", "title": "Taxi", "text": "Taxi. Call a car", "category": "transport"},
        {"id": "split", "title": "Split a bill", "text": "Split a bill"},
        {"id": "coffee", "title": "Coffee", "text": "Coffee. A voucher", "category": "food"},
    ]


async def test_it_comes_in_parts(service: RunningApp) -> None:
    page = (await service.client.get("/v1/catalogue", params={"offset": 1, "limit": 1})).json()
    assert (page["total"], page["offset"]) == (3, 1)
    assert [item["id"] for item in page["items"]] == ["split"]
    beyond = (await service.client.get("/v1/catalogue", params={"offset": 99})).json()
    assert (beyond["total"], beyond["items"]) == (3, [])


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "offset=-1", "offset=secret"])
async def test_nonsense_is_refused(service: RunningApp, query: str) -> None:
    response = await service.client.get(f"/v1/catalogue?{query}")
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["field"] == f"query.{query.partition('=')[0]}"
    assert "secret" not in response.text


async def test_what_clients_put_is_not_in_it(service: RunningApp) -> None:
    await service.client.put("/v1/items", json={"items": [{"id": "private", "text": "put by a client"}]})
    assert "private" not in (await service.client.get("/v1/catalogue")).text


async def test_without_a_catalogue_it_is_empty() -> None:
    async with running() as app:
        assert (await app.client.get("/v1/catalogue")).json() == {"total": 0, "offset": 0, "items": []}
