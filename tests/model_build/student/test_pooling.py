import pytest
import torch

from model_build.common.batching import pad
from model_build.student.pooling import StatePooling, TokenWeights, weighted_mean
from model_build.teacher.pooling import mean_pool
from tests.model_build.students import rows, student

IDS, MASK = pad(rows(6), 0)
HIDDEN = torch.randn(2, 4, 8, generator=torch.Generator().manual_seed(0))
HIDDEN_MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])


def test_the_last_states_alone_are_as_many_as_the_encoder_is_wide() -> None:
    model = student()
    pooled = model.pooling(model.encoder, IDS, MASK)
    assert pooled.shape == (6, 32)
    assert model.pooling.width == 32


def test_the_first_states_stand_beside_the_last() -> None:
    model = student(first=True)
    pooled = model.pooling(model.encoder, IDS, MASK)
    assert pooled.shape == (6, model.pooling.width) == (6, 32 + 24)
    assert torch.equal(pooled[:, :32], student().pooling(model.encoder, IDS, MASK))
    words = model.encoder.embeddings(input_ids=IDS[:1, : int(MASK[0].sum())]).mean(1)
    assert torch.allclose(pooled[0, 32:], words[0], atol=1e-6)


def test_each_mean_has_weights_of_its_own() -> None:
    model = student(first=True, weighted=True)
    before = model.pooling(model.encoder, IDS, MASK)
    with torch.no_grad():
        assert model.pooling.first_weights is not None
        model.pooling.first_weights.positions.zero_()
    after = model.pooling(model.encoder, IDS, MASK)
    assert torch.equal(before[:, :32], after[:, :32])
    assert not torch.allclose(before[:, 32:], after[:, 32:])


def test_untrained_weights_are_those_of_the_mean() -> None:
    model = student(first=True)
    weighted = StatePooling(model.encoder.config, weighted=True, first=True)
    assert torch.allclose(weighted(model.encoder, IDS, MASK), model.pooling(model.encoder, IDS, MASK), atol=1e-6)


def test_shortened_weights_weigh_the_same_positions_alike() -> None:
    model = student(first=True, weighted=True)
    before = model.pooling(model.encoder, IDS, MASK)
    model.pooling.at_positions(torch.arange(IDS.shape[1]))
    assert torch.equal(model.pooling(model.encoder, IDS, MASK), before)


def test_untrained_weights_give_the_mean() -> None:
    weights = TokenWeights(8, 6)(HIDDEN, HIDDEN_MASK)
    assert torch.allclose(weighted_mean(HIDDEN, weights), mean_pool(HIDDEN, HIDDEN_MASK))


def test_a_position_that_weighs_most_decides() -> None:
    pooling = TokenWeights(8, 6)
    with torch.no_grad():
        pooling.positions[1] = 30.0
    assert torch.allclose(weighted_mean(HIDDEN, pooling(HIDDEN, HIDDEN_MASK)), HIDDEN[:, 1])


def test_a_state_that_opens_the_gate_decides_and_padding_never_counts() -> None:
    pooling = TokenWeights(8, 6)
    with torch.no_grad():
        pooling.gate.copy_(100 * HIDDEN[1, 0])
    weights = pooling(HIDDEN, HIDDEN_MASK)
    assert weights[1, 2:].tolist() == [0.0, 0.0]
    assert torch.allclose(weighted_mean(HIDDEN, weights)[1], HIDDEN[1, 0], atol=1e-3)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_weights_learn(kind: torch.dtype) -> None:
    pooling = TokenWeights(8, 6)
    hidden = HIDDEN.to(kind)
    loss = (weighted_mean(hidden, pooling(hidden, HIDDEN_MASK)).float() - HIDDEN[:, 0]).square().sum()
    loss.backward()  # type: ignore[no-untyped-call]
    for parameter in pooling.parameters():
        assert parameter.grad is not None
        assert parameter.grad.abs().max() > 0
