from collections.abc import AsyncIterator

from tests.service.apps import RunningApp, running, settings

JSON = {"Content-Type": "application/json"}


async def pieces(total: int) -> AsyncIterator[bytes]:
    for _ in range(total):
        yield b" " * 1024


async def test_a_declared_length_over_the_limit_is_refused() -> None:
    async with running(settings(max_body_bytes=1024)) as service:
        response = await service.client.post("/v1/rank", content=b" " * 1025, headers=JSON)
        assert response.status_code == 413
        assert response.json()["error"]["code"] == "request_too_large"
        assert response.json()["error"]["request_id"] == response.headers["X-Request-ID"]
        assert service.metric("requests_total", route="unmatched", method="POST", status="413") == 1


async def test_an_undeclared_length_over_the_limit_is_refused() -> None:
    async with running(settings(max_body_bytes=2048)) as service:
        response = await service.client.post("/v1/rank", content=pieces(3), headers=JSON)
        assert response.status_code == 413


async def test_a_body_in_pieces_within_the_limit_arrives_whole(service: RunningApp) -> None:
    async def body() -> AsyncIterator[bytes]:
        for byte in b'{"candidates": []}':
            yield bytes([byte])

    assert (await service.client.post("/v1/rank", content=body(), headers=JSON)).status_code == 200
