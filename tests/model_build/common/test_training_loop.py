import pytest
import torch
from torch import Tensor

from model_build.common.training_loop import optimize


def test_the_loop_minimises_and_skips_steps_without_a_loss() -> None:
    weight = torch.nn.Parameter(torch.tensor([4.0]))
    optimizer = torch.optim.SGD([{"params": [weight], "peak": 0.5}], lr=0.5)
    seen: list[float] = []

    def loss_at(step: int) -> Tensor | None:
        seen.append(optimizer.param_groups[0]["lr"])
        return None if step == 1 else weight.square().sum()

    mean = optimize(optimizer, loss_at, 3, schedule=lambda step: 1 / (step + 1), clipped=[weight])
    assert seen == [0.5, 0.25, 0.5 / 3]
    assert weight.item() == pytest.approx(4 - 0.5 - 0.5 / 3, abs=1e-5)  # the gradient's norm is clipped to 1
    assert mean == pytest.approx((16 + 3.5**2) / 2)
