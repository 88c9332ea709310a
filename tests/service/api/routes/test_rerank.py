import pytest

from tests.service.apps import RunningApp, bundled_model, running, settings

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


async def test_blank_documents_come_last_with_nothing(service: RunningApp) -> None:
    body = {"query": "train ticket", "documents": ["", "train ticket", " ", "garden", "\n"]}
    response = await service.client.post("/v1/rerank", json=body)
    answer = response.json()
    assert [one["index"] for one in answer["results"]] == [1, 3, 0, 2, 4]
    assert [one["relevance_score"] for one in answer["results"]][2:] == [0, 0, 0]
    assert answer["usage"]["unreadable_texts"] == 3
    assert response.headers["X-Unreadable-Texts"] == "3"


async def test_where_all_can_be_read_no_header_says_otherwise(service: RunningApp) -> None:
    response = await service.client.post("/v1/rerank", json={"query": "a", "documents": ["b"]})
    assert response.json()["usage"]["unreadable_texts"] == 0
    assert "X-Unreadable-Texts" not in response.headers


async def rerank(query: str, documents: list[str]) -> list[tuple[int, float]]:
    """The bundled model's order: indices and scores."""
    async with running(model=bundled_model()) as bundled:
        answer = (await bundled.client.post("/v1/rerank", json={"query": query, "documents": documents})).json()
    return [(one["index"], one["relevance_score"]) for one in answer["results"]]


@pytest.mark.parametrize("query", ["Привет", "แบ่งบิล", "😀"])
async def test_a_query_that_can_not_be_read_is_relevant_to_nothing(query: str) -> None:
    assert await rerank(query, ["обувь", query, "hello"]) == [(2, 0), (0, 0), (1, 0)]


async def test_documents_that_can_not_be_read_are_relevant_to_nothing() -> None:
    (best, _), *rest = await rerank("xbox", ["", "обувь", "xbox games", "😀", "train ticket"])
    assert best == 2
    assert [place for place, _ in rest] == [4, 0, 1, 3]
    assert [score for _, score in rest][1:] == [0, 0, 0]


async def test_relevant_words_late_in_a_long_text_are_found() -> None:
    noise = (
        "SALE! Free shipping on all orders over 50 dollars, brand new, sealed in original box, fast dispatch, "
        "30 day returns, best price, top rated seller. "
    )
    assert (await rerank("espresso machine", ["Garden hose, 20 m.", noise * 2 + "Espresso machine."]))[0][0] == 1


async def test_as_many_windows_are_read_as_the_settings_say() -> None:
    words = " ".join(f"{one}{other}" for one in "bcdfghk" for other in "aeiou")
    documents = ["Garden hose", f"{words} espresso machine"]
    scores = []
    for most in (1, 8):
        changed = settings(max_windows=most)
        model = bundled_model(most_windows=most)
        async with running(changed, model=model) as bundled:
            response = await bundled.client.post(
                "/v1/rerank", json={"query": "espresso machine", "documents": documents}
            )
        assert ("X-Truncated-Texts" in response.headers) is (most == 1)
        scores.append({one["index"]: one["relevance_score"] for one in response.json()["results"]}[1])
    assert scores[0] < scores[1]


@pytest.mark.parametrize("body", [{"query": " ", "documents": ["a"]}, {"query": "a", "documents": []}, {"query": "a"}])
async def test_what_can_not_be_ordered_is_reported(service: RunningApp, body: dict[str, object]) -> None:
    assert (await service.client.post("/v1/rerank", json=body)).status_code == 422


async def test_too_many_documents_are_refused() -> None:
    async with running(settings(max_candidates=1)) as service:
        response = await service.client.post("/v1/rerank", json={"query": "a", "documents": ["a", "b"]})
    assert response.status_code == 413
    assert response.json()["error"]["details"][0]["field"] == "documents"
