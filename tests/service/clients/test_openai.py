import math

import openai
import pytest

from tests.service.clients.conftest import BEST, QUERY, TEXTS, Server


def client_of(server: Server, key: str | None = None) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=key or server.key, max_retries=0)


def test_texts_are_embedded(server: Server) -> None:
    # The package asks for base64 and decodes it, unless it is told a format.
    with client_of(server) as client:
        answer = client.embeddings.create(model="edge-rank", input=[QUERY, *TEXTS])
    assert [one.index for one in answer.data] == [0, 1, 2, 3]
    query, *others = [one.embedding for one in answer.data]
    assert math.isclose(math.hypot(*query), 1, abs_tol=1e-5)
    cosines = [sum(a * b for a, b in zip(query, one, strict=True)) for one in others]
    assert cosines.index(max(cosines)) == BEST
    assert answer.model.startswith("edge-rank-en@")
    assert answer.usage.prompt_tokens > 0


def test_both_formats_say_the_same(server: Server) -> None:
    with client_of(server) as client:
        packed = client.embeddings.create(model="any", input=QUERY).data[0].embedding
        plain = client.embeddings.create(model="any", input=QUERY, encoding_format="float").data[0].embedding
    assert plain == pytest.approx(packed, abs=1e-6)


async def test_the_asynchronous_client_too(server: Server) -> None:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=server.key) as client:
        answer = await client.embeddings.create(model="any", input=TEXTS, user="somebody")
    assert len(answer.data) == len(TEXTS)


def test_errors_become_the_package_s_own(server: Server) -> None:
    with client_of(server, "no such key") as client, pytest.raises(openai.AuthenticationError) as wrong_key:
        client.embeddings.create(model="any", input="a")
    assert wrong_key.value.code == "unauthorized"
    with client_of(server) as client, pytest.raises(openai.UnprocessableEntityError) as wrong_width:
        client.embeddings.create(model="any", input="a", dimensions=7)
    assert wrong_width.value.code == "invalid_request"
    assert wrong_width.value.request_id
