"""sentence-transformers: the library of the teacher, and of the cross-encoder, in torch.

Run as in its documentation. The encoder (https://sbert.net/docs/sentence_transformer/usage/usage.html): texts by
`encode`, compared by `similarity`. The cross-encoder (https://sbert.net/docs/cross_encoder/usage/usage.html): pairs by
`predict`. Both with the defaults: fp32, batches of 32 sorted by length, as many threads as torch chooses.
"""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from loadtests.peers.library import library
from loadtests.peers.peer import Asked, Label, Models, Place, Running, Weights, files_of, folder_of
from loadtests.peers.worker import Rank, answer

_FILES = ("model.safetensors", "tokenizer.json", "config.json")
_TITLE = "sentence-transformers 6.2.0"


class Encoder:
    """Cosines of vectors."""

    label = Label("sentence-transformers", _TITLE, "all-MiniLM-L6-v2", Asked.CALL)
    environment = "sentence-transformers"
    weights = Weights.MINILM
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Weights, tokenizer, configuration."""
        return model_files(place.models, self.weights)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        return library(
            "loadtests.peers.sentence_transformers", ["encoder", str(folder_of(place.models, self.weights))], place
        )


class CrossEncoder:
    """Joint scores of pairs."""

    label = Label("sentence-transformers", f"{_TITLE}, cross-encoder", "ms-marco-MiniLM-L12-v2", Asked.CALL)
    environment = "sentence-transformers"
    weights = Weights.CROSS_ENCODER
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Weights, tokenizer, configuration."""
        return model_files(place.models, self.weights)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        arguments = ["cross-encoder", str(folder_of(place.models, self.weights))]
        return library("loadtests.peers.sentence_transformers", arguments, place)


def model_files(models: Models, weights: Weights) -> list[Path]:
    """Files of a model that torch loads.

    Raises:
        PeerError: the folder was not given, or lacks a file.
    """
    return files_of(folder_of(models, weights), _FILES)


def load_encoder(folder: str) -> Rank:
    """Load an encoder."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (only its own environment has it)

    model = SentenceTransformer(folder, device="cpu")

    def rank(query: str, texts: list[str]) -> Sequence[float]:
        scores: Sequence[float] = model.similarity(model.encode(query), model.encode(texts))[0].tolist()
        return scores

    return rank


def load_cross_encoder(folder: str) -> Rank:
    """Load a cross-encoder."""
    from sentence_transformers import CrossEncoder as Model  # noqa: PLC0415

    model = Model(folder, device="cpu")

    def rank(query: str, texts: list[str]) -> Sequence[float]:
        scores: Sequence[float] = model.predict([(query, text) for text in texts])
        return scores

    return rank


if __name__ == "__main__":
    answer({"encoder": load_encoder, "cross-encoder": load_cross_encoder}[sys.argv[1]](sys.argv[2]))
