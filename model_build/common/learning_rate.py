"""Learning-rate schedules."""

import math

from torch.optim import Optimizer


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
