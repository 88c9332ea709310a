import numpy as np
import pytest

from tests.service.clients.conftest import BEST, LEAVING_CONNECTIONS, QUERY, TEXTS, Server

pytestmark = LEAVING_CONNECTIONS


def test_embeddings(server: Server) -> None:
    from llama_index.embeddings.openai import OpenAIEmbedding

    embeddings = OpenAIEmbedding(model_name="edge-rank", api_base=f"{server.url}/v1", api_key=server.key)
    cosines = np.array(embeddings.get_text_embedding_batch(TEXTS)) @ np.array(embeddings.get_query_embedding(QUERY))
    assert cosines.argmax() == BEST


@pytest.mark.parametrize("kind", ["cohere", "jina"])
def test_rerank(server: Server, kind: str) -> None:
    from llama_index.core.postprocessor.types import BaseNodePostprocessor
    from llama_index.core.schema import NodeWithScore, TextNode
    from llama_index.postprocessor.cohere_rerank import CohereRerank
    from llama_index.postprocessor.jinaai_rerank import JinaRerank

    postprocessor: BaseNodePostprocessor
    if kind == "cohere":
        postprocessor = CohereRerank(model="edge-rank", api_key=server.key, base_url=server.url, top_n=2)
    else:
        postprocessor = JinaRerank(model="edge-rank", api_key=server.key, base_url=f"{server.url}/v1", top_n=2)
    nodes = [NodeWithScore(node=TextNode(text=text, id_=str(place))) for place, text in enumerate(TEXTS)]
    best, second = postprocessor.postprocess_nodes(nodes, query_str=QUERY)
    assert best.node.node_id == str(BEST)
    assert best.get_score() > second.get_score()
