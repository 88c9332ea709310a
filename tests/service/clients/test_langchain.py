import numpy as np
from pydantic import SecretStr

from tests.service.clients.conftest import BEST, LEAVING_CONNECTIONS, QUERY, TEXTS, Server

pytestmark = LEAVING_CONNECTIONS


def test_embeddings(server: Server) -> None:
    from langchain_openai import OpenAIEmbeddings

    embeddings = OpenAIEmbeddings(
        model="edge-rank",
        openai_api_base=f"{server.url}/v1",
        openai_api_key=SecretStr(server.key),
        check_embedding_ctx_length=False,  # else it sends token ids of OpenAI's models
    )
    cosines = np.array(embeddings.embed_documents(TEXTS)) @ np.array(embeddings.embed_query(QUERY))
    assert cosines.argmax() == BEST


def test_rerank(server: Server) -> None:
    from langchain_cohere import CohereRerank
    from langchain_core.documents import Document

    compressor = CohereRerank(model="edge-rank", base_url=server.url, cohere_api_key=SecretStr(server.key), top_n=2)
    documents = [Document(page_content=text, metadata={"place": place}) for place, text in enumerate(TEXTS)]
    best, second = compressor.compress_documents(documents, QUERY)
    assert best.metadata["place"] == BEST
    assert best.metadata["relevance_score"] > second.metadata["relevance_score"]
