"""Learning-rate schedules, and the training loop of short trainings; distillation has its own, with checkpoints."""

import math
from collections.abc import Callable, Iterable

import numpy as np
from torch import Tensor, nn
from torch.optim import Optimizer

from model_build.common.log import Bar

_AVERAGED = 20  # last losses whose mean is reported


def cosine_schedule(step: int, steps: int, warmup: int) -> float:
    """Linear warm-up, then cosine decay to 0: a factor on the peak learning rate."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1.0 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def linear_schedule(step: int, steps: int, warmup: int, decay: int) -> float:
    """Linear warm-up and linear decay over the last `decay` steps, whichever is less: a factor on the peak rate."""
    return min((step + 1) / warmup, (steps - step) / max(1, decay))


def set_learning_rates(optimizer: Optimizer, factor: float) -> None:
    """Set each parameter group's learning rate to a fraction of its `peak`."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor


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
