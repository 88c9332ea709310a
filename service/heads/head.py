"""A head: a linear classifier on vectors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.heads.manifest import HeadManifest
from service.heads.pair_features import Vectors, pair_features


@dataclass(frozen=True)
class Head:
    """A verified head: a float32 matrix `[classes, width]`, and biases `[classes]`."""

    manifest: HeadManifest
    matrix: NDArray[np.float32]
    biases: NDArray[np.float32]

    def of_texts(self, vectors: Vectors) -> NDArray[np.float64]:
        """The probability of each class of texts: float64 `[texts, classes]`."""
        return softmax(vectors @ self.matrix.T + self.biases)

    def of_pairs(self, left: Vectors, right: Vectors) -> NDArray[np.float64]:
        """The probability of each class of pairs, in either order: float64 `[pairs, classes]`."""
        return softmax(pair_features(left, right) @ self.matrix.T + self.biases)


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Softmax of each row: float64 `[inputs, classes]`."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)
