import numpy as np

from service.heads.pair_features import Vectors, pair_features


def unit(seed: int, pairs: int = 5, dimension: int = 8) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((pairs, dimension)).astype(np.float32)
    unit_rows: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit_rows


def test_the_order_of_the_two_texts_makes_no_difference() -> None:
    left, right = unit(1), unit(2)
    np.testing.assert_array_equal(pair_features(left, right), pair_features(right, left))


def test_the_second_half_adds_up_to_the_cosine() -> None:
    left, right = unit(1), unit(2)
    features = pair_features(left, right)
    assert features.dtype == np.float32
    assert features.shape == (5, 16)
    np.testing.assert_allclose(features[:, 8:].sum(axis=1) / np.sqrt(8), (left * right).sum(axis=1), rtol=1e-5)
    np.testing.assert_array_equal(features[:, :8], np.abs(left - right))
