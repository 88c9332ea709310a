import pytest

from tests.service.apps import running

RANK = {"query": "coffee", "candidates": [{"id": "a", "text": "espresso"}]}


async def test_answers_and_errors_are_those_of_the_router() -> None:
    async with running() as service:
        answered = await service.client.post("/v1/rank", json=RANK)
        assert answered.status_code == 200
        assert "Server-Timing" in answered.headers
        wrong = await service.client.post("/v1/rank", json={"query": 5})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid_request")
        assert wrong.json()["error"]["request_id"] == wrong.headers["X-Request-ID"]
        assert service.metric("requests_total", route="/v1/rank", method="POST", status="422") == 1


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/rank", 405), ("POST", "/v1/nothing", 404)])
async def test_what_is_no_such_route_is_for_the_router(method: str, path: str, status: int) -> None:
    async with running() as service:
        answer = await service.client.request(method, path, json=RANK)
        assert answer.status_code == status
