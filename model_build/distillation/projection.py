"""Fit the teacher's linear projection to the ranking task, before distillation."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from model_build.common.batches import BatchStream
from model_build.common.training_loop import optimize
from model_build.distillation.losses import cosine_loss, ranking_loss
from model_build.teacher.targets import CachedVectors

_LEARNING_RATE, _BATCH = 1e-4, 256


def fit_projection(
    projection: nn.Linear,
    vectors: CachedVectors,
    pairs: NDArray[np.int64],
    *,
    steps: int,
    temperature: float,
    seed: int,
) -> float:
    """Train a projection in place on queries and their texts, anchored to the teacher's own vectors.

    Returns the mean of the last losses; NaN without pairs.
    """
    if not len(pairs):
        return float("nan")
    stream = BatchStream([0] * len(pairs), _BATCH, seed)

    def loss_at(step: int) -> Tensor:
        batch = pairs[stream.at(step)]
        before = [vectors(batch[:, side]) for side in (0, 1)]
        after = [F.normalize(projection(side), dim=-1) for side in before]
        task = ranking_loss(after[0] @ after[1].T, temperature)
        return task + cosine_loss(after[0], before[0]) + cosine_loss(after[1], before[1])

    return optimize(torch.optim.Adam(projection.parameters(), lr=_LEARNING_RATE), loss_at, steps)
