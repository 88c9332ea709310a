import math

import pytest
import torch
import torch.nn.functional as F

from model_build.distillation.losses import (
    cosine_loss,
    logit_kl,
    neighbour_cosines,
    ranking_loss,
    similarity_kl,
)


def unit(*rows: list[float]) -> torch.Tensor:
    return F.normalize(torch.tensor(rows), dim=-1)


def test_the_cosine_loss_is_one_minus_cosine() -> None:
    own, target = unit([1.0, 0.0], [1.0, 0.0]), unit([1.0, 0.0], [0.0, 1.0])
    assert cosine_loss(own, target).item() == pytest.approx(0.5)


def test_similarity_kl_is_the_divergence_of_softmaxes() -> None:
    own, target = torch.tensor([[0.0, 0.0]]), torch.tensor([[0.5 * math.log(3), 0.0]])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert similarity_kl(own, target, 0.5).item() == pytest.approx(expected, abs=1e-6)
    assert similarity_kl(target, target, 0.5).item() == pytest.approx(0.0, abs=1e-7)


def test_ranking_prefers_the_diagonal() -> None:
    right, wrong = torch.eye(3), torch.roll(torch.eye(3), 1, 0)
    assert ranking_loss(right, 0.1) < ranking_loss(torch.zeros(3, 3), 0.1) < ranking_loss(wrong, 0.1)
    assert ranking_loss(torch.zeros(3, 3), 0.1).item() == pytest.approx(math.log(3))


def test_a_text_is_no_neighbour_of_itself() -> None:
    cosines = neighbour_cosines(unit([1.0, 0.0], [1.0, 1.0], [0.0, 1.0]))
    weights = (cosines / 0.05).softmax(-1)
    assert torch.all(weights.diagonal() == 0)
    assert cosines[0, 1].item() == pytest.approx(math.sqrt(0.5))


def test_logits_diverge_as_probabilities_do() -> None:
    own, target = torch.tensor([0.0]), torch.tensor([math.log(3)])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert logit_kl(own, target).item() == pytest.approx(expected, abs=1e-6)
    assert logit_kl(target, target).item() == pytest.approx(0.0, abs=1e-7)
