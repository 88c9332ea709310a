"""What teacher and student both read in training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.teacher.targets import Features, FrozenFeatures


@dataclass(frozen=True)
class Examples:
    """What both models read.

    Attributes:
        rows: the student's token ids of each training text.
        pairs: int64 `[pairs, 2]`, places of a query and of its text.
        features: the teacher's vectors before its task layer.
        anchor: the same, as they were before the teacher adapted.
    """

    rows: Sequence[Sequence[int]]
    pairs: NDArray[np.int64]
    features: Features
    anchor: FrozenFeatures
