"""The features of a pair of texts, independent of their order."""

import math

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def pair_features(left: Vectors, right: Vectors) -> Vectors:
    """The features of pairs: `|u - v|`, and `u * v` times the square root of the dimension, so that scales match.

    The sum of the second half is proportional to the cosine, so that a linear classifier can use it. They are
    InferSent's features (Conneau et al., Supervised learning of universal sentence representations, 2017) without the
    vectors themselves, which depend on the order.

    `[pairs, dimension]` of unit length, of the first and the second texts -> `[pairs, 2 * dimension]`.
    """
    scale = np.float32(math.sqrt(left.shape[1]))
    return np.concatenate([np.abs(left - right), scale * (left * right)], axis=1)
