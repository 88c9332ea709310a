from pathlib import Path

import numpy as np
import pytest
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from loadtests.peers.model2vec import Model2Vec
from loadtests.peers.peer import Request, Weights
from tests.loadtests.peers.fakes import place_in


def test_it_ranks_by_the_product_of_vectors(tmp_path: Path) -> None:
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "bill": 1, "pay": 2, "taxi": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.array([[0.0, 0.1], [1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], dtype=np.float32)
    StaticModel(vectors, tokenizer, normalize=True).save_pretrained(tmp_path / "model")
    place = place_in(tmp_path, models={Weights.POTION: tmp_path / "model"})
    assert [file.name for file in Model2Vec().files(place)] == ["model.safetensors", "tokenizer.json", "config.json"]
    with Model2Vec().start(place) as running:
        assert running.rank(Request("bill", ["taxi", "pay", "bill"])) == pytest.approx([0.0, 0.6, 1.0], abs=1e-6)
