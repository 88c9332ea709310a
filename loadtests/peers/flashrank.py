"""FlashRank: cross-encoders in ONNX Runtime, without torch.

Run as in its README (https://pypi.org/project/FlashRank/0.2.10/): `Ranker(model_name=..., cache_dir=...)`, then
`rerank(RerankRequest(query, passages))`, which scores all pairs in one run. Instead of a download it gets the
int8 graph of ms-marco-MiniLM-L-12-v2, its "best cross-encoder", in the cache folder, in the layout of its download.
`max_length` stays at its default of 512: lowering it saves nothing, since padding goes to the longest pair only.
"""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from loadtests.peers.layout import graph_files, lay_out
from loadtests.peers.library import library
from loadtests.peers.one_thread import limit_onnx_runtime
from loadtests.peers.peer import Asked, Label, Place, Running, Weights
from loadtests.peers.worker import Rank, answer

_MODEL, _GRAPH = "ms-marco-MiniLM-L-12-v2", "flashrank-MiniLM-L-12-v2_Q.onnx"


class FlashRank:
    """FlashRank with its int8 cross-encoder."""

    label = Label("flashrank", "FlashRank 0.2.10", "ms-marco-MiniLM-L12-v2, int8", Asked.CALL)
    environment = "flashrank"
    weights = Weights.CROSS_ENCODER
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Files of the graph and the tokenizer."""
        return graph_files(place.models)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        lay_out(place.models, place.scratch / _MODEL, _GRAPH)
        return library("loadtests.peers.flashrank", [str(place.scratch)], place)


def load(cache: str) -> Rank:
    """Load the model from a cache folder."""
    limit_onnx_runtime()
    from flashrank import Ranker, RerankRequest  # noqa: PLC0415 (only its own environment has it)

    ranker = Ranker(model_name=_MODEL, cache_dir=cache)

    def rank(query: str, texts: list[str]) -> list[float]:
        passages = [{"id": place, "text": text} for place, text in enumerate(texts)]
        scores = [0.0] * len(texts)
        for passage in ranker.rerank(RerankRequest(query=query, passages=passages)):
            scores[passage["id"]] = passage["score"]
        return scores

    return rank


if __name__ == "__main__":
    answer(load(sys.argv[1]))
