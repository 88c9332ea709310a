import pytest
import torch
import torch.nn.functional as F

from model_build.distillation.losses import neighbour_cosines
from model_build.distillation.objective import Batch, Labelled, objective, total
from model_build.recipe import DistillationRecipe

RECIPE = DistillationRecipe(steps=1, mutual_weight=0.5, task_weight=0.3)


def vectors(seed: int) -> torch.Tensor:
    return F.normalize(torch.randn(6, 8, generator=torch.Generator().manual_seed(seed)), dim=-1)


def across(both: torch.Tensor) -> torch.Tensor:
    """Cosines of queries, the first half, to texts."""
    return both[:3] @ both[3:].T


def test_the_total_is_the_sum_of_the_weighted_losses() -> None:
    cosines = neighbour_cosines(vectors(1)), neighbour_cosines(vectors(2))
    batch = Batch(vectors(1), vectors(2), vectors(2), similarities=lambda: cosines)
    losses = objective(batch, RECIPE)
    assert list(losses) == ["cosine", "similarity_kl"]
    assert total(losses).item() == pytest.approx(sum(loss.item() for loss in losses.values()))
    doubled = objective(batch, RECIPE.model_copy(update={"cosine_weight": 2.0}))
    assert doubled["cosine"].item() == pytest.approx(2 * losses["cosine"].item())


def test_queries_add_the_ranking_task_and_labels_their_own() -> None:
    cosines = across(vectors(1)), across(vectors(2))
    ranked = Batch(vectors(1), vectors(2), vectors(2), similarities=lambda: cosines, ranked=True)
    assert list(objective(ranked, RECIPE)) == ["cosine", "similarity_kl", "task"]
    labelled = Labelled(torch.ones(3), *(lambda one: (one[:3] * one[3:]).sum(-1) for _ in range(2)))
    assert list(objective(Batch(vectors(1), vectors(2), vectors(2), labelled=labelled), RECIPE)) == [
        "cosine",
        "logit_kl",
        "labels",
    ]


def test_each_loss_acts_on_one_model() -> None:
    student, teacher = vectors(1).requires_grad_(), vectors(2).requires_grad_()
    cosines = across(student), across(teacher)
    batch = Batch(student, teacher, vectors(2), similarities=lambda: cosines, ranked=True)
    for name, loss in objective(batch, RECIPE, teacher_trains=True).items():
        (own, other) = (teacher, student) if name.startswith("teacher_") else (student, teacher)
        own.grad = other.grad = None
        loss.backward(retain_graph=True)  # type: ignore[no-untyped-call]
        assert other.grad is None, name
        assert own.grad is not None, name
    alone = objective(batch, RECIPE.model_copy(update={"mutual_weight": 0.0}), teacher_trains=True)
    assert alone["teacher_cosine"].item() == alone["teacher_similarity_kl"].item() == 0
    assert alone["teacher_task"].item() > 0
