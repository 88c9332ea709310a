import numpy as np

from model_build.heads.logistic import LinearHead
from model_build.heads.rounding import as_rounded, rounded


def test_no_weight_moves_by_more_than_half_a_step() -> None:
    rng = np.random.default_rng(0)
    head = LinearHead(("a", "b", "c"), rng.standard_normal((3, 50)) * [[1], [10], [0.01]], rng.standard_normal(3))
    weights = rounded(head)
    near = as_rounded(head, weights)
    assert np.all(np.abs(near.matrix - head.matrix) <= weights.scales[:, None] * 0.5001)
    assert np.abs(weights.codes).max(axis=1).tolist() == [127, 127, 127]
    np.testing.assert_allclose(near.biases, head.biases, rtol=1e-6)


def test_a_row_of_zeros_stays_one() -> None:
    head = LinearHead(("a", "b"), np.array([[0.0, 0.0], [1.0, -1.0]]), np.zeros(2))
    assert rounded(head).codes.tolist() == [[0, 0], [127, -127]]
    assert as_rounded(head, rounded(head)).matrix[0].tolist() == [0.0, 0.0]
