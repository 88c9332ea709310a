import pytest

from service.api.app import create_app
from tests.service.apps import candidates, running, settings


def test_the_documentation_states_the_limits_that_hold() -> None:
    changed = settings(
        max_body_bytes=4096,
        max_candidates=31,
        max_items=32,
        max_history=33,
        deadline_ms=3400,
        max_requests=35,
        max_total_body_bytes=36_000,
    )
    description = create_app(changed).openapi()["info"]["description"]
    for number in (
        "4,096 bytes",
        "31 candidates",
        "32 items or texts to embed or classify",
        "33 events of history",
        "1,000 events of feedback",
        "3,400 ms",
        "35 requests",
        "36,000 bytes of bodies",
        "60,000 ms",
    ):
        assert number in description


@pytest.mark.parametrize("field", ["pin", "exclude"])
async def test_there_may_be_as_many_pins_and_exclusions_as_candidates(field: str) -> None:
    async with running(settings(max_candidates=2)) as service:
        asked = {"candidates": candidates({"taxi": "call a taxi"}), "options": {field: ["a", "b", "c"]}}
        response = await service.client.post("/v1/rank", json=asked)
    assert response.status_code == 413
    assert [one["field"] for one in response.json()["error"]["details"]] == [f"options.{field}"]


@pytest.mark.parametrize("said", ["0", "60001", "1.5", "-1", "soon", ""])
async def test_a_deadline_in_the_header_is_a_whole_number_within_the_limit(said: str) -> None:
    async with running() as service:
        response = await service.client.post(
            "/v1/rank", json={"candidates": []}, headers={"X-Request-Deadline-Ms": said}
        )
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_header"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/embeddings", {"input": ["short", "word " * 40]}),
        ("/v1/rerank", {"query": "short", "documents": ["word " * 40]}),
    ],
)
async def test_a_shape_that_has_no_place_for_it_tells_cut_texts_in_a_header(path: str, body: dict[str, object]) -> None:
    async with running() as service:
        cut = await service.client.post(path, json=body)
        whole = await service.client.post(path, json={**body, "input": "short", "documents": ["short"]})
    assert (cut.status_code, cut.headers["X-Truncated-Texts"]) == (200, "1")
    assert "X-Truncated-Texts" not in whole.headers
