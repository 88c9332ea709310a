import numpy as np

from service.heads.weights import QuantizedWeights, byte_count
from tests.service.heads.heads import random_weights


def test_what_is_packed_is_unpacked() -> None:
    weights = random_weights(3, 7)
    data = weights.to_bytes()
    assert len(data) == byte_count(3, 7) == 3 * 7 + 2 * 3 * 4
    read = QuantizedWeights.from_bytes(data, classes=3, width=7)
    for name in ("codes", "scales", "biases"):
        np.testing.assert_array_equal(getattr(read, name), getattr(weights, name))


def test_the_layout_is_the_documented_one() -> None:
    data = bytes([1, 255]) + np.array([0.5, 2.0, 7.0, -1.0], dtype="<f4").tobytes()
    weights = QuantizedWeights.from_bytes(data, classes=2, width=1)
    assert weights.matrix().tolist() == [[0.5], [-2.0]]
    assert weights.biases.tolist() == [7.0, -1.0]
