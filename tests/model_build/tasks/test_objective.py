import pytest
import torch
import torch.nn.functional as F

from model_build.recipe.task import TaskDistillationRecipe
from model_build.tasks.objective import Batch, objective
from model_build.tasks.outputs import Outputs
from model_build.tasks.target import Classes, softened_kl

LABELS = torch.tensor([0, 2, 1])


def outputs(seed: int) -> Outputs:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(3, 4, generator=generator).requires_grad_()
    return Outputs(features, torch.randn(3, 3, generator=generator).requires_grad_())


def losses(
    shadow: torch.Tensor | None = None, labelled: tuple[bool, ...] = (True, True, True), **changes: object
) -> tuple[dict[str, torch.Tensor], Outputs, Outputs]:
    student, teacher = outputs(0), outputs(1)
    recipe = TaskDistillationRecipe.model_validate({"classifier": "copied"} | changes)
    known = torch.tensor(labelled)
    batch = Batch(student, teacher, known, LABELS[known], 0.5, shadow)
    return objective(batch, Classes(("a", "b", "c")), recipe), student, teacher


def test_one_way_distillation_has_labels_logits_and_features() -> None:
    found, student, teacher = losses(temperature=2.0, feature_weight=3.0)
    assert found.keys() == {"labels", "logit_kl", "features"}
    assert torch.isclose(found["labels"], F.cross_entropy(student.logits, LABELS))
    assert torch.isclose(found["features"], 3.0 / 0.5 * F.mse_loss(student.features, teacher.features))
    sum(found.values()).backward()  # type: ignore[union-attr]
    assert teacher.logits.grad is None
    assert teacher.features.grad is None


def test_softened_logits_have_gradients_as_large_as_unsoftened_ones() -> None:
    logits, target = torch.tensor([[0.02, 0.0]], requires_grad=True), torch.tensor([[0.0, 0.0]])
    softened_kl(logits, target, 1.0).backward()  # type: ignore[no-untyped-call]
    plain = logits.grad
    logits.grad = None
    softened_kl(logits, target, 8.0).backward()  # type: ignore[no-untyped-call]
    assert plain is not None
    assert torch.allclose(logits.grad, plain, rtol=0.02)  # type: ignore[arg-type]
    assert softened_kl(target, target, 3.0) == 0


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_a_teacher_that_trains_is_drawn_towards_the_student(weight: float) -> None:
    found, student, teacher = losses(classifier="shared", teacher_trains="whole", mutual_weight=weight)
    own = {name for name in found if name.startswith("teacher_")}
    assert own == ({"teacher_labels", "teacher_kl", "teacher_features"} if weight else {"teacher_labels"})
    if weight:
        assert torch.isclose(found["teacher_kl"], weight * softened_kl(teacher.logits, student.logits, 2.0))
        found["teacher_kl"].backward()  # type: ignore[no-untyped-call]
        assert student.logits.grad is None


def test_a_trained_classifier_alone_leaves_the_teachers_features() -> None:
    found, _, _ = losses(classifier="shared", teacher_trains="classifier")
    assert "teacher_features" not in found
    assert "teacher_kl" in found


def test_a_shadow_teaches_in_the_teachers_place() -> None:
    shadow = torch.randn(3, 3, generator=torch.Generator().manual_seed(2))
    found, student, teacher = losses(shadow, classifier="own", feature_weight=0.0, shadow_head=True)
    assert found.keys() == {"labels", "shadow_kl", "shadow_mutual_kl", "logit_kl"}
    assert torch.isclose(found["logit_kl"], softened_kl(student.logits, shadow, 2.0))
    assert torch.isclose(found["shadow_kl"], softened_kl(shadow, teacher.logits, 2.0))


def test_what_has_no_label_is_learned_from_the_teacher_alone() -> None:
    whole, student, _ = losses()
    some, _, _ = losses(labelled=(True, False, True))
    assert torch.equal(some["logit_kl"], whole["logit_kl"])
    assert torch.equal(some["features"], whole["features"])
    known = torch.tensor([0, 2])
    expected = F.cross_entropy(student.logits[known], LABELS[known], reduction="sum") / 3
    assert torch.isclose(some["labels"], expected)
    none, _, _ = losses(labelled=(False, False, False), teacher_trains="whole")
    assert not {"labels", "teacher_labels"} & none.keys()
