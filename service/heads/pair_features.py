"""What a head looks at: a text's vector, or of a pair what is the same whichever text comes first."""

import math

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def pair_features(left: Vectors, right: Vectors) -> Vectors:
    """The features of pairs: `|u - v|`, and `u * v` times the root of the dimension, which brings both to one scale.

    A sum over the second half is the cosine, so that a linear classifier sees it too. The same features, with the two
    vectors themselves, are those of InferSent (Conneau et al., Supervised learning of universal sentence
    representations, 2017); the vectors are left out here because they depend on the order.

    Args:
        left: float32 `[pairs, dimension]`, of unit length.
        right: the same of the second texts.

    Returns:
        float32 `[pairs, 2 * dimension]`.
    """
    scale = np.float32(math.sqrt(left.shape[1]))
    return np.concatenate([np.abs(left - right), scale * (left * right)], axis=1)
