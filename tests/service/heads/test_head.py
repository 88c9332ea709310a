from pathlib import Path

import numpy as np
import pytest

from service.heads.classifier import softmax
from service.heads.loading import load_head
from service.heads.pair_features import pair_features
from tests.service.artifacts import DIMENSION, manifest_of
from tests.service.heads.heads import build_head
from tests.service.heads.test_pair_features import unit

BACKBONE = manifest_of({})


def test_probabilities_are_the_softmax_of_the_logits(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE)
    head, vectors = load_head(tmp_path), unit(1, dimension=DIMENSION)
    probabilities = head.of_texts(vectors)
    powers = np.exp(vectors.astype(np.float64) @ head.matrix.T + head.biases)
    np.testing.assert_allclose(probabilities, powers / powers.sum(axis=1, keepdims=True), rtol=1e-5)


def test_a_pair_is_classified_by_its_features(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE, kind="pair", classes=("no", "yes"))
    head, left, right = load_head(tmp_path), unit(1, dimension=DIMENSION), unit(2, dimension=DIMENSION)
    np.testing.assert_array_equal(head.of_pairs(left, right), head.of_pairs(right, left))
    np.testing.assert_allclose(
        head.of_pairs(left, right), softmax(pair_features(left, right) @ head.matrix.T + head.biases)
    )


def test_large_logits_do_not_overflow() -> None:
    assert softmax(np.array([[1e4, 0.0], [-1e4, -1e4]])).tolist() == pytest.approx(np.array([[1.0, 0.0], [0.5, 0.5]]))
