import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from loadtests.peers import flashrank
from loadtests.peers.flashrank import FlashRank
from loadtests.peers.peer import Weights
from tests.loadtests.peers.fakes import place_in


class Ranker:
    """Answers as FlashRank does: the passages, the best first, each with its score."""

    made: list[dict[str, str]]

    def __init__(self, **options: str) -> None:
        Ranker.made.append(options)

    def rerank(self, request: SimpleNamespace) -> list[dict[str, Any]]:
        scored = [passage | {"score": len(passage["text"])} for passage in request.passages]
        return sorted(scored, key=lambda passage: -passage["score"])


def test_passages_are_asked_for_and_put_back_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    Ranker.made = []
    package = ModuleType("flashrank")
    monkeypatch.setattr(package, "Ranker", Ranker, raising=False)
    monkeypatch.setattr(package, "RerankRequest", SimpleNamespace, raising=False)
    monkeypatch.setitem(sys.modules, "flashrank", package)
    limited: list[bool] = []
    monkeypatch.setattr(flashrank, "limit_onnx_runtime", lambda: limited.append(True))
    rank = flashrank.load("/cache")
    assert rank("bill", ["aa", "a", "aaa"]) == [2, 1, 3]
    assert Ranker.made == [{"model_name": "ms-marco-MiniLM-L-12-v2", "cache_dir": "/cache"}]
    assert limited == [True]


def test_it_finds_its_model_where_its_download_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "weights"
    (weights / "onnx").mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "onnx/q.onnx"):
        (weights / name).write_text(name)
    started: list[list[str]] = []
    monkeypatch.setattr(flashrank, "library", lambda _module, arguments, _place: started.append(arguments))
    FlashRank().start(place_in(tmp_path, models={Weights.CROSS_ENCODER: weights}))
    folder = tmp_path / "ms-marco-MiniLM-L-12-v2"
    assert started == [[str(tmp_path)]]
    assert (folder / "flashrank-MiniLM-L-12-v2_Q.onnx").read_text() == "onnx/q.onnx"
    assert (folder / "tokenizer.json").read_text() == "tokenizer.json"
