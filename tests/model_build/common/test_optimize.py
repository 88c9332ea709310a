import pytest
import torch
from torch import Tensor

from model_build.common.optimize import cosine_schedule, linear_schedule, optimize


def test_the_cosine_schedule_rises_and_falls() -> None:
    rates = [cosine_schedule(step, 100, 10) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_the_linear_schedule_is_the_lesser_of_warm_up_and_decay() -> None:
    assert [linear_schedule(step, 10, 2, 8) for step in (0, 1, 2, 9)] == [0.5, 1.0, 1.0, 0.125]
    assert linear_schedule(5, 10, 2, 10) == 0.5


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
