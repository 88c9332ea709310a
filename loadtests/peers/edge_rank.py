"""Ours: the service, the recommender in process, and the encoder alone.

`POST /v1/rank` with new candidates that come with their texts, and with cached candidates named by id
(docs/reference/http-api.md). In process it is called as by `edge-rank rank`. The encoder alone ranks by cosine, as the
other encoders here do.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from loadtests.harness.processes import SERVE
from loadtests.peers.library import library
from loadtests.peers.peer import Asked, Label, Place, Request, Running
from loadtests.peers.server import Api, server
from loadtests.peers.worker import answer
from service.artifact.artifact import DEVICE_FILES, MANIFEST
from service.settings import Settings

_SYSTEM, _MODEL = "ours", "edge-rank-en"


class _Ours:
    """The common part of ours."""

    environment = None
    weights = None
    remembers = False

    def files(self, _: Place) -> Sequence[Path]:
        """The device files."""
        return [Settings().model / name for name in (*DEVICE_FILES, MANIFEST)]


class Service(_Ours):
    """The service with new candidates."""

    label = Label(_SYSTEM, "Edge Rank /v1/rank", _MODEL, Asked.HTTP)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start the service."""
        return server(SERVE, RANK, place)


class KnowingService(_Ours):
    """The service with cached candidates."""

    label = Label(_SYSTEM, "Edge Rank /v1/rank, candidates known", _MODEL, Asked.HTTP)
    remembers = True

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start the service."""
        return server(SERVE, RANK_KNOWN, place)


class Recommender(_Ours):
    """The whole ranking without HTTP."""

    label = Label(_SYSTEM, "Edge Rank, in process", _MODEL, Asked.CALL)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        return library("loadtests.peers.edge_rank", ["recommender"], place)


class Encoder(_Ours):
    """Cosines of the student's vectors, without words and learned weights."""

    label = Label(_SYSTEM, "Edge Rank, encoder alone", _MODEL, Asked.CALL)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        return library("loadtests.peers.edge_rank", ["encoder"], place)


def _id(text: str) -> str:
    """An id derived from a text, so that a new text is a new candidate."""
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _items(texts: Sequence[str]) -> Mapping[str, Any]:
    return {"items": [{"id": _id(text), "text": text} for text in texts]}


def _body(request: Request) -> Mapping[str, Any]:
    return {"query": request.query, "candidates": _items(request.texts)["items"]}


def _known_body(request: Request) -> Mapping[str, Any]:
    return {"query": request.query, "candidates": [{"id": _id(text)} for text in request.texts]}


def _scores(answer: Any, count: int) -> Sequence[float]:  # noqa: ANN401 (JSON)
    scores = {result["index"]: float(result["score"]) for result in answer["results"]}
    return [scores[place] for place in range(count)]


RANK = Api("/v1/rank", "/readyz", _body, _scores)
RANK_KNOWN = Api("/v1/rank", "/readyz", _known_body, _scores, items=("/v1/items", _items))


def answer_as_recommender() -> None:
    """Answer with the recommender."""
    from service.api.container import assemble  # noqa: PLC0415 (each worker loads what it needs)
    from service.api.schemas.rank import RankRequest  # noqa: PLC0415
    from service.cli.offline import rank_with  # noqa: PLC0415
    from service.metrics.registry import Metrics  # noqa: PLC0415

    with asyncio.Runner() as runner:
        assembling = assemble(Settings(), Metrics(), catalogue=())
        container = runner.run(assembling.__aenter__())
        recommender = container.models.current.recommender

        def rank(query: str, texts: list[str]) -> Sequence[float]:
            request = RankRequest.model_validate(_body(Request(query, texts)))
            ranking = runner.run(rank_with(recommender, request))
            scores = {result.index: result.score for result in ranking.results}
            return [scores[place] for place in range(len(texts))]

        answer(rank)
        runner.run(assembling.__aexit__(None, None, None))


def answer_as_encoder() -> None:
    """Answer with the encoder."""
    from service.artifact.artifact import load_artifact  # noqa: PLC0415
    from service.encoder.onnx import OnnxEncoder  # noqa: PLC0415

    encoder = OnnxEncoder(load_artifact(Settings().model))

    def rank(query: str, texts: list[str]) -> Sequence[float]:
        vectors = encoder.encode([query, *texts]).vectors
        scores: Sequence[float] = (vectors[1:] @ vectors[0]).tolist()
        return scores

    answer(rank)


if __name__ == "__main__":
    {"recommender": answer_as_recommender, "encoder": answer_as_encoder}[sys.argv[1]]()
