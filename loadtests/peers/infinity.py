"""infinity: a server of embeddings and cross-encoders.

Started as in its documentation (https://github.com/michaelfeil/infinity/blob/main/docs/docs/cli_v2.md): `infinity_emb
v2 --model-id ...`, and called at `/rerank` and `/embeddings`; comparing the vectors is the client's work and not
measured. Its default engine is torch (fp32, BetterTransformer, dynamic batches of 32). "Optimum/Onnx is often the
prefered engine" on a CPU, says its README (https://pypi.org/project/infinity-emb/0.0.78/), so the cross-encoder runs on
both. Logs are left at "info", warm-up is on, as by default; usage statistics are off.

The ONNX engine looks for its graph relative to the working directory, and optimum takes a bare name only, so it starts
in a folder that holds the graph. It omits token type ids (`return_token_type_ids=False` in
`transformer/crossencoder/optimum.py`), which lowers its scores. At its first start it optimises and stores the graph;
later starts, which are measured, load that.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from loadtests.peers.layout import graph_files, lay_out
from loadtests.peers.peer import Asked, Label, Place, Request, Running, Weights, folder_of
from loadtests.peers.sentence_transformers import model_files
from loadtests.peers.server import Api, server

_TITLE, _NAME = "infinity 0.0.78", "measured"
_ONE_THREAD = Path(__file__).with_name("one_thread.py")


class Rerank:
    """The cross-encoder on the default engine."""

    label = Label("infinity", f"{_TITLE} /rerank, torch", "ms-marco-MiniLM-L12-v2", Asked.HTTP)
    environment = "infinity"
    weights = Weights.CROSS_ENCODER
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Weights, tokenizer, configuration."""
        return model_files(place.models, self.weights)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start the server."""
        return server(_command(place, str(folder_of(place.models, self.weights))), RERANK, place)


class RerankOnnx:
    """The cross-encoder on ONNX Runtime."""

    label = Label("infinity", f"{_TITLE} /rerank, optimum", "ms-marco-MiniLM-L12-v2, int8", Asked.HTTP)
    environment = "infinity"
    weights = Weights.CROSS_ENCODER
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Files of the graph and the tokenizer."""
        return graph_files(place.models)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start the server, with one thread per run."""
        folder = place.scratch / "cross-encoder"
        lay_out(place.models, folder, "model.onnx")
        command = ["-P", _ONE_THREAD, *_command(place, "."), "--engine", "optimum"]
        return server(command, RERANK, place, folder=folder)


class Embed:
    """The encoder on the default engine."""

    label = Label("infinity", f"{_TITLE} /embeddings, torch", "all-MiniLM-L6-v2", Asked.HTTP)
    environment = "infinity"
    weights = Weights.MINILM
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Weights, tokenizer, configuration."""
        return model_files(place.models, self.weights)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start the server."""
        return server(_command(place, str(folder_of(place.models, self.weights))), EMBED, place)


def _command(place: Place, model: str) -> list[str | Path]:
    script = place.python.with_name("infinity_emb")
    return [script, "v2", "--model-id", model, "--served-model-name", _NAME, "--host", "127.0.0.1"]


def _rerank_body(request: Request) -> Mapping[str, Any]:
    return {"model": _NAME, "query": request.query, "documents": list(request.texts)}


def _rerank_scores(answer: Any, count: int) -> Sequence[float]:  # noqa: ANN401 (JSON)
    scores = {result["index"]: float(result["relevance_score"]) for result in answer["results"]}
    return [scores[place] for place in range(count)]


def _embed_body(request: Request) -> Mapping[str, Any]:
    return {"model": _NAME, "input": [request.query, *request.texts]}


def _embed_scores(answer: Any, count: int) -> Sequence[float]:  # noqa: ANN401 (JSON)
    vectors = {one["index"]: one["embedding"] for one in answer["data"]}
    query, *texts = (np.array(vectors[place]) for place in range(count + 1))
    return [float(text @ query) for text in texts]


RERANK = Api("/rerank", "/health", _rerank_body, _rerank_scores)
EMBED = Api("/embeddings", "/health", _embed_body, _embed_scores)
