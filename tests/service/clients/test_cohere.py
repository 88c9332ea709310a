import cohere
import pytest

from tests.service.clients.conftest import BEST, QUERY, TEXTS, Server


def test_documents_are_reranked_by_the_second_version(server: Server) -> None:
    with cohere.ClientV2(api_key=server.key, base_url=server.url) as client:
        answer = client.rerank(model="rerank-v3.5", query=QUERY, documents=TEXTS, top_n=2, max_tokens_per_doc=512)
    assert answer.results[0].index == BEST
    assert len(answer.results) == 2
    assert answer.results[0].relevance_score > answer.results[1].relevance_score >= 0
    assert answer.meta is not None
    assert answer.meta.api_version is not None
    assert answer.meta.api_version.version == "2"


def test_documents_are_reranked_by_the_first_version(server: Server) -> None:
    documents = [{"text": text, "title": "not read"} for text in TEXTS]
    with cohere.Client(api_key=server.key, base_url=server.url) as client:
        answer = client.rerank(model="rerank-english-v3.0", query=QUERY, documents=documents, return_documents=True)
    best = answer.results[0].document
    assert best is not None
    assert best.text == TEXTS[BEST]
    assert len(answer.results) == len(TEXTS)


async def test_the_asynchronous_client_too(server: Server) -> None:
    async with cohere.AsyncClientV2(api_key=server.key, base_url=server.url) as client:
        answer = await client.rerank(model="any", query=QUERY, documents=TEXTS)
    assert answer.results[0].index == BEST


def test_errors_become_the_package_s_own(server: Server) -> None:
    with cohere.ClientV2(api_key="no such key", base_url=server.url) as client, pytest.raises(cohere.UnauthorizedError):
        client.rerank(model="any", query=QUERY, documents=TEXTS)
    with (
        cohere.ClientV2(api_key=server.key, base_url=server.url) as client,
        pytest.raises(cohere.UnprocessableEntityError) as blank,
    ):
        client.rerank(model="any", query=" ", documents=TEXTS)
    assert blank.value.body["error"]["code"] == "invalid_request"
