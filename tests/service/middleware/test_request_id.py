import pytest

from tests.service.apps import RunningApp


async def test_a_usable_id_comes_back(service: RunningApp) -> None:
    response = await service.client.get("/livez", headers={"X-Request-ID": "abc-1.2:3_4"})
    assert response.headers["X-Request-ID"] == "abc-1.2:3_4"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "é", "<script>"])
async def test_an_unusable_id_is_replaced(service: RunningApp, given: str) -> None:
    response = await service.client.get("/livez", headers={b"X-Request-ID": given.encode()})
    assert response.headers["X-Request-ID"] != given
    assert len(response.headers["X-Request-ID"]) == 32


async def test_ids_differ(service: RunningApp) -> None:
    first, second = [(await service.client.get("/livez")).headers["X-Request-ID"] for _ in range(2)]
    assert first != second
