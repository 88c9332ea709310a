"""The training loop of short trainings; distillation has its own, with checkpoints."""

from collections.abc import Callable, Iterable

import numpy as np
from torch import Tensor, nn
from torch.optim import Optimizer

from model_build.common.learning_rate import set_learning_rates
from model_build.common.log import Bar

_AVERAGED = 20  # last losses whose mean is reported


def optimize(
    optimizer: Optimizer,
    loss_at: Callable[[int], Tensor | None],
    steps: int,
    *,
    schedule: Callable[[int], float] | None = None,
    clipped: Iterable[nn.Parameter] = (),
    bar: Bar | None = None,
) -> float:
    """Minimise a loss. Returns the mean of the last 20 losses; NaN without any.

    Args:
        optimizer: its parameter groups have a `peak` learning rate where there is a schedule.
        loss_at: the loss of a step; with None the step is skipped.
        steps: optimiser steps.
        schedule: factor on the peak rates by step.
        clipped: parameters whose joint gradient norm is clipped to 1.
        bar: shows progress.
    """
    parameters = list(clipped)
    recent: list[float] = []
    for step in range(steps):
        if schedule is not None:
            set_learning_rates(optimizer, schedule(step))
        loss = loss_at(step)
        if loss is None:
            continue
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if parameters:
            nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        recent = [*recent[1 - _AVERAGED :], loss.item()]
        if bar is not None:
            bar.advance(note=f"loss {loss.item():.3f}")
    return float(np.mean(recent)) if recent else float("nan")
