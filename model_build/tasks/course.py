"""The course of a distillation: its losses, and from where on weights were rounded."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

_PARTS = 50


@dataclass
class Course:
    """What a training was like.

    Attributes:
        losses: the total loss of each step, a scalar each; they stay on their device, since to fetch one would wait for
            the step.
        rounded_from: number of steps without rounded weights; None if all are.
    """

    losses: list[Tensor] = field(default_factory=list)
    rounded_from: int | None = None

    @property
    def curve(self) -> list[tuple[int, float]]:
        """The mean loss of each of at most 50 equal parts of the steps, and the number of steps at its end."""
        if not self.losses:
            return []
        steps, means, end = torch.stack(self.losses).double().cpu(), [], 0
        for part in torch.tensor_split(steps, min(_PARTS, len(steps))):
            end += len(part)
            means.append((end, float(part.mean())))
        return means
