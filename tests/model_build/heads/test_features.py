from pathlib import Path

import numpy as np
from rich.progress import Progress

from model_build.heads.data import read_examples
from model_build.heads.features import CHUNK, embed, features_of
from service.heads.pair_features import pair_features
from tests.model_build.evaluation.benchmark import WORDS, FakeSystem
from tests.model_build.heads.tables import write_rows

QUIET = Progress(disable=True)


def test_texts_come_back_in_their_order() -> None:
    system = FakeSystem()
    texts = [" ".join([WORDS[number % 6]] * (1 + number % 7)) for number in range(CHUNK + 50)]
    np.testing.assert_array_equal(embed(texts, system, QUIET), FakeSystem().embed(texts))
    assert max(map(len, system.calls)) == CHUNK


def test_each_text_of_pairs_is_embedded_once(tmp_path: Path) -> None:
    rows = [("yes", "red cat", "red dog"), ("no", "red dog", "blue car")]
    system = FakeSystem()
    examples = read_examples(write_rows(tmp_path / "pairs.tsv", ("label", "text_a", "text_b"), rows))
    features = features_of(examples, system, QUIET)
    left, right = (FakeSystem().embed([row[side] for row in rows]) for side in (1, 2))
    np.testing.assert_array_equal(features, pair_features(left, right))
    assert sorted(system.calls[0]) == ["blue car", "red cat", "red dog"]
