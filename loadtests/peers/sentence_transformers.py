"""sentence-transformers: the library of the teacher, and of the cross-encoder, in torch.

Run as its documentation says. The encoder (https://sbert.net/docs/sentence_transformer/usage/usage.html): texts by
`encode`, compared by `similarity`. The cross-encoder (https://sbert.net/docs/cross_encoder/usage/usage.html): pairs by
`predict`. Both with the defaults: fp32, batches of 32 sorted by length, as many threads as torch chooses.
"""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from loadtests.peers.library import library
from loadtests.peers.peer import Asked, Label, Models, Place, Running, files_of
from loadtests.peers.worker import Rank, answer

FILES = ("model.safetensors", "tokenizer.json", "config.json")
_TITLE = "sentence-transformers 6.2.0"


class Encoder:
    """Cosines of vectors."""

    label = Label("sentence-transformers", _TITLE, "all-MiniLM-L6-v2", Asked.CALL)
    environment = "sentence-transformers"
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Weights, tokenizer, configuration."""
        return minilm_files(place.models)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        return library("loadtests.peers.sentence_transformers", ["encoder", str(place.models.minilm)], place)


class CrossEncoder:
    """Pairs, read together."""

    label = Label("sentence-transformers", f"{_TITLE}, cross-encoder", "ms-marco-MiniLM-L12-v2", Asked.CALL)
    environment = "sentence-transformers"
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Weights, tokenizer, configuration."""
        return cross_encoder_files(place.models)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        arguments = ["cross-encoder", str(place.models.cross_encoder)]
        return library("loadtests.peers.sentence_transformers", arguments, place)


def minilm_files(models: Models) -> list[Path]:
    """The files of all-MiniLM-L6-v2 that torch loads.

    Raises:
        PeerError: the folder was not named, or lacks one.
    """
    return files_of(models.minilm, FILES, "--minilm")


def cross_encoder_files(models: Models) -> list[Path]:
    """The files of the cross-encoder that torch loads.

    Raises:
        PeerError: the folder was not named, or lacks one.
    """
    return files_of(models.cross_encoder, FILES, "--cross-encoder")


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
