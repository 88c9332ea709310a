import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from loadtests.peers import sentence_transformers
from loadtests.peers.peer import PeerError, Weights
from loadtests.peers.sentence_transformers import CrossEncoder, Encoder
from tests.loadtests.peers.fakes import place_in


class Model:
    """Both kinds of model, with lengths in the place of meanings."""

    def __init__(self, folder: str, device: str) -> None:
        assert (folder, device) == ("/model", "cpu")

    def encode(self, texts: str | list[str]) -> NDArray[np.float64]:
        return np.array([[float(len(text))] for text in ([texts] if isinstance(texts, str) else texts)])

    def similarity(self, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
        return left @ right.T

    def predict(self, pairs: list[tuple[str, str]]) -> NDArray[np.float64]:
        return np.array([len(query) - len(text) for query, text in pairs])


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("sentence_transformers")
    for name in ("SentenceTransformer", "CrossEncoder"):
        monkeypatch.setattr(fake, name, Model, raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", fake)


def test_an_encoder_compares_the_query_with_each_text() -> None:
    assert sentence_transformers.load_encoder("/model")("ab", ["a", "abc"]) == [2.0, 6.0]


def test_a_cross_encoder_reads_each_text_with_the_query() -> None:
    assert list(sentence_transformers.load_cross_encoder("/model")("ab", ["a", "abc"])) == [1, -1]


def test_each_names_the_folder_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(sentence_transformers, "library", lambda _module, arguments, _place: started.append(arguments))
    place = place_in(tmp_path, models={Weights.MINILM: Path("/mini"), Weights.CROSS_ENCODER: Path("/cross")})
    Encoder().start(place)
    CrossEncoder().start(place)
    assert started == [["encoder", "/mini"], ["cross-encoder", "/cross"]]
    with pytest.raises(PeerError, match=r"^/mini has no model\.safetensors$"):
        Encoder().files(place)
    with pytest.raises(PeerError, match=r"^name the folder of its model with --cross-encoder$"):
        CrossEncoder().files(place_in(tmp_path))
