"""model2vec: static embeddings, the mean of token vectors.

Run as in its documentation (https://minish.ai/packages/model2vec/inference/): `StaticModel.from_pretrained`, then
`encode`. Comparing is left to the caller: here NumPy's product of the vectors, which potion's configuration normalises.
"""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from loadtests.peers.library import library
from loadtests.peers.peer import Asked, Label, Place, Running, Weights, files_of, folder_of
from loadtests.peers.worker import Rank, answer

_FILES = ("model.safetensors", "tokenizer.json", "config.json")


class Model2Vec:
    """model2vec with potion."""

    label = Label("model2vec", "model2vec 0.10.0", "potion-base-8M", Asked.CALL)
    environment = "model2vec"
    weights = Weights.POTION
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Weights, tokenizer, configuration."""
        return files_of(folder_of(place.models, Weights.POTION), _FILES)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        return library("loadtests.peers.model2vec", [str(folder_of(place.models, Weights.POTION))], place)


def load(folder: str) -> Rank:
    """Load a model."""
    from model2vec import StaticModel  # noqa: PLC0415 (only its own environment need have it)

    model = StaticModel.from_pretrained(folder)

    def rank(query: str, texts: list[str]) -> Sequence[float]:
        scores: Sequence[float] = (model.encode(texts) @ model.encode(query)).tolist()
        return scores

    return rank


if __name__ == "__main__":
    answer(load(sys.argv[1]))
