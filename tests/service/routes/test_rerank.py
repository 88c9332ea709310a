import pytest

from tests.service.apps import RunningApp, running, settings

DOCUMENTS = ["call a taxi", {"text": "split the dinner bill", "other": 1}, "dinner for two", ""]


async def test_documents_are_ordered_by_the_query(service: RunningApp) -> None:
    body = {"model": "any", "query": "split the dinner bill", "documents": DOCUMENTS}
    answer = (await service.client.post("/v1/rerank", json=body)).json()
    assert [one["index"] for one in answer["results"]][:2] == [1, 2]
    scores = [one["relevance_score"] for one in answer["results"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(1)
    assert min(scores) >= 0
    assert "document" not in answer["results"][0]
    assert answer["meta"]["api_version"] == {"version": "1"}
    assert answer["usage"]["total_tokens"] > 0


async def test_the_best_with_their_texts(service: RunningApp) -> None:
    body = {
        "query": "dinner for two",
        "documents": DOCUMENTS,
        "top_n": 1,
        "return_documents": True,
        "rank_fields": ["text"],
    }
    answer = (await service.client.post("/v2/rerank", json=body)).json()
    assert [one["document"]["text"] for one in answer["results"]] == ["dinner for two"]
    assert answer["meta"]["api_version"] == {"version": "2"}


async def test_equals_stay_in_their_order(service: RunningApp) -> None:
    answer = (await service.client.post("/rerank", json={"query": "x", "documents": ["same"] * 5})).json()
    assert [one["index"] for one in answer["results"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("body", [{"query": " ", "documents": ["a"]}, {"query": "a", "documents": []}, {"query": "a"}])
async def test_what_can_not_be_ordered_is_told(service: RunningApp, body: dict[str, object]) -> None:
    assert (await service.client.post("/v1/rerank", json=body)).status_code == 422


async def test_too_many_documents_are_refused() -> None:
    async with running(settings(max_candidates=1)) as service:
        response = await service.client.post("/v1/rerank", json={"query": "a", "documents": ["a", "b"]})
    assert response.status_code == 413
    assert response.json()["error"]["details"][0]["field"] == "documents"
