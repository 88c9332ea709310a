"""The teacher's linear task layer, fitted before distillation."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn

from model_build.common.batches import BatchStream
from model_build.distillation.losses import ranking_loss, representation_loss
from model_build.teacher.targets import FrozenFeatures

_RATE, _BATCH = 1e-4, 256


def fine_tune_task_layer(
    task_layer: nn.Linear,
    features: FrozenFeatures,
    pairs: NDArray[np.int64],
    *,
    steps: int,
    temperature: float,
    seed: int,
) -> float:
    """Fit the teacher's task layer to the ranking task before distillation, anchored to what the teacher was.

    Returns:
        The mean of the last losses of the task.
    """
    if not len(pairs):
        return float("nan")
    optimizer = torch.optim.Adam(task_layer.parameters(), lr=_RATE)
    stream = BatchStream([0] * len(pairs), _BATCH, seed)
    recent: list[float] = []
    for step in range(steps):
        batch = pairs[stream.at(step)]
        before = [features(batch[:, side]) for side in (0, 1)]
        after = [F.normalize(task_layer(vectors), dim=-1) for vectors in before]
        task = ranking_loss(after[0] @ after[1].T, temperature)
        anchor = sum(representation_loss(new, old) for new, old in zip(after, before, strict=True))
        optimizer.zero_grad()
        (task + anchor).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        recent = [*recent[-19:], task.item()]
    return float(np.mean(recent)) if recent else float("nan")
