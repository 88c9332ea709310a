from pathlib import Path
from typing import Any

import pytest

from loadtests.peers import infinity
from loadtests.peers.infinity import EMBED, RERANK, Embed, Rerank, RerankOnnx
from loadtests.peers.peer import Request, Weights
from loadtests.peers.server import Server
from tests.loadtests.peers.fakes import answering, place_in

BILL = Request("bill", ["split", "taxi", "pay"])


def test_pairs_are_asked_for_and_put_back_in_order() -> None:
    results = [{"index": place, "relevance_score": score} for place, score in ((2, 0.9), (0, 0.5), (1, 0.1))]
    with answering(lambda _path, _body: (200, {"results": results})) as heard:
        assert Server(0, heard.port, RERANK).rank(BILL) == [0.5, 0.1, 0.9]
    body = {"model": "measured", "query": "bill", "documents": ["split", "taxi", "pay"]}
    assert heard.requests == [("POST", "/rerank", body)]


def test_vectors_are_asked_for_and_compared_with_the_first() -> None:
    vectors = [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [1.0, 0.0]]
    data = [{"index": place, "embedding": vector} for place, vector in reversed(list(enumerate(vectors)))]
    with answering(lambda _path, _body: (200, {"data": data})) as heard:
        assert Server(0, heard.port, EMBED).rank(BILL) == pytest.approx([0.6, 0.0, 1.0])
    body = {"model": "measured", "input": ["bill", "split", "taxi", "pay"]}
    assert heard.requests == [("POST", "/embeddings", body)]


def test_it_is_started_as_its_documentation_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "some.onnx"):
        (tmp_path / name).write_text("{}")
    started: list[tuple[list[str], Any]] = []
    monkeypatch.setattr(
        infinity, "server", lambda command, _api, _place, folder=None: started.append((list(map(str, command)), folder))
    )
    models = {Weights.MINILM: tmp_path / "mini", Weights.CROSS_ENCODER: tmp_path}
    place = place_in(tmp_path, models=models)
    script = str(place.python.with_name("infinity_emb"))
    for peer in (Rerank(), Embed(), RerankOnnx()):
        peer.start(place)
    shared = ["--served-model-name", "measured", "--host", "127.0.0.1"]
    assert started[0] == ([script, "v2", "--model-id", str(tmp_path), *shared], None)
    assert started[1] == ([script, "v2", "--model-id", str(tmp_path / "mini"), *shared], None)
    command, folder = started[2]
    assert command[2:] == [script, "v2", "--model-id", ".", *shared, "--engine", "optimum"]
    assert (folder / "model.onnx").resolve() == tmp_path / "some.onnx"
