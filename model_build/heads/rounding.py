"""Rounding a head's weights to eight bits, with a scale a row."""

import numpy as np

from model_build.heads.logistic import LinearHead
from service.heads.weights import QuantizedWeights

_LARGEST = 127


def rounded(head: LinearHead) -> QuantizedWeights:
    """The nearest weights that `weights.bin` can hold; a row's greatest magnitude has the code 127 or -127."""
    scales = (np.abs(head.matrix).max(axis=1) / _LARGEST).astype(np.float32)
    steps = np.where(scales > 0, scales, 1.0)
    codes = np.clip(np.rint(head.matrix / steps[:, None]), -_LARGEST, _LARGEST).astype(np.int8)
    return QuantizedWeights(codes, scales, head.biases.astype(np.float32))


def as_rounded(head: LinearHead, weights: QuantizedWeights) -> LinearHead:
    """The head that the rounded weights make."""
    return LinearHead(head.classes, weights.matrix().astype(np.float64), weights.biases.astype(np.float64))
