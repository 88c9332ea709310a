"""The training data that teacher and student both read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.teacher.targets import CachedVectors, TeacherVectors

Tokenize = Callable[[Sequence[str]], list[list[int]]]
"""Texts to the student's token ids."""


@dataclass(frozen=True)
class Examples:
    """The training texts.

    Attributes:
        rows: the student's token ids of each text.
        pairs: int64 `[pairs, 2]`, indices of a query and of its text.
        vectors: the teacher's, before its projection.
        anchor: the same, before the teacher adapted.
    """

    rows: Sequence[Sequence[int]]
    pairs: NDArray[np.int64]
    vectors: TeacherVectors
    anchor: CachedVectors
