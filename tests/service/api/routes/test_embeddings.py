import base64

import numpy as np
import pytest

from tests.service.apps import RunningApp, bundled_model, running, settings
from tests.service.encoders import FakeEncoder


async def test_vectors_come_as_numbers_or_as_base64(service: RunningApp) -> None:
    texts = ["call a taxi", "split a bill", "call a taxi"]
    expected = FakeEncoder().encode(texts).vectors
    numbers = (await service.client.post("/v1/embeddings", json={"model": "any", "input": texts})).json()
    body = {"model": "any", "input": texts, "encoding_format": "base64", "user": "passed over"}
    packed = (await service.client.post("/v1/embeddings", json=body)).json()
    assert [one["index"] for one in numbers["data"]] == [0, 1, 2]
    np.testing.assert_allclose([one["embedding"] for one in numbers["data"]], expected, rtol=1e-6)
    unpacked = [np.frombuffer(base64.b64decode(one["embedding"]), dtype="<f4") for one in packed["data"]]
    np.testing.assert_array_equal(unpacked, expected)
    assert numbers["usage"] == {"prompt_tokens": 5 + 5 + 5, "total_tokens": 15}
    assert numbers["object"] == "list"


async def test_one_text_may_come_alone(service: RunningApp) -> None:
    answer = (await service.client.post("/v1/embeddings", json={"input": ""})).json()
    assert len(answer["data"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"input": []}, "input.constrained-str"),
        ({"input": [[1, 2]]}, "input"),
        ({"input": "x", "dimensions": 7}, "dimensions"),
        ({}, "input"),
    ],
)
async def test_what_can_not_be_embedded_is_reported(service: RunningApp, body: dict[str, object], field: str) -> None:
    response = await service.client.post("/v1/embeddings", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["field"].startswith(field.split(".", maxsplit=1)[0])


async def test_what_can_not_be_read_has_the_vector_of_nothing() -> None:
    texts = ["обувь", "taxi", "😀", "", "Привет"]
    async with running(model=bundled_model()) as bundled:
        response = await bundled.client.post("/v1/embeddings", json={"input": texts})
        readable = await bundled.client.post("/v1/embeddings", json={"input": "taxi"})
    vectors = np.array([one["embedding"] for one in response.json()["data"]])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[4], atol=1e-6)
    np.testing.assert_allclose(vectors[2], vectors[3], atol=1e-6)
    assert response.headers["X-Unreadable-Texts"] == "4"
    assert "X-Unreadable-Texts" not in readable.headers


async def test_the_dimensions_may_be_said(service: RunningApp) -> None:
    response = await service.client.post("/v1/embeddings", json={"input": "x", "dimensions": 64})
    assert response.status_code == 200


async def test_too_many_texts_are_refused() -> None:
    async with running(settings(max_items=1)) as service:
        response = await service.client.post("/v1/embeddings", json={"input": ["a", "b"]})
    assert response.status_code == 413
    assert response.json()["error"]["details"][0]["field"] == "input"
