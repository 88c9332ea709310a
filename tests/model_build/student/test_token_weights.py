import pytest
import torch

from model_build.student.token_weights import TokenWeights, weighted_mean
from model_build.teacher.model import mean_pool

HIDDEN = torch.randn(2, 4, 8, generator=torch.Generator().manual_seed(0))
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])


def test_untrained_weights_give_the_mean() -> None:
    weights = TokenWeights(8, 6)(HIDDEN, MASK)
    assert torch.allclose(weighted_mean(HIDDEN, weights), mean_pool(HIDDEN, MASK))


def test_a_place_that_weighs_most_decides() -> None:
    pooling = TokenWeights(8, 6)
    with torch.no_grad():
        pooling.places[1] = 30.0
    assert torch.allclose(weighted_mean(HIDDEN, pooling(HIDDEN, MASK)), HIDDEN[:, 1])


def test_a_state_that_opens_the_gate_decides_and_padding_never_counts() -> None:
    pooling = TokenWeights(8, 6)
    with torch.no_grad():
        pooling.gate.copy_(100 * HIDDEN[1, 0])
    weights = pooling(HIDDEN, MASK)
    assert weights[1, 2:].tolist() == [0.0, 0.0]
    assert torch.allclose(weighted_mean(HIDDEN, weights)[1], HIDDEN[1, 0], atol=1e-3)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_weights_learn(kind: torch.dtype) -> None:
    pooling = TokenWeights(8, 6)
    hidden = HIDDEN.to(kind)
    loss = (weighted_mean(hidden, pooling(hidden, MASK)).float() - HIDDEN[:, 0]).square().sum()
    loss.backward()  # type: ignore[no-untyped-call]
    for parameter in pooling.parameters():
        assert parameter.grad is not None
        assert parameter.grad.abs().max() > 0
