"""The objective of a task's distillation: the weighted sum of all losses on one batch.

For the student s and its teacher t, with the recipe's weights w and temperature T:

    w_label CE(s, labels) + w_kl T² KL(softmax(t / T) || softmax(s / T)) + w_feature MSE(features of s, features of t)

MSE is in units of the variance of the teacher's features. A teacher that trains has CE(t, labels) too, and the other
losses the other way round, times `mutual_weight`. With a shadow head h on the student, KL(t || h) and KL(h || s) take
the place of KL(t || s), and h is drawn towards s as a training teacher would be.

Of grades both CE and KL are the squared error, in units of the grades' variance.

The factor T² keeps gradients of softened logits as large as those of the labels (Hinton et al., arXiv 1503.02531).
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from model_build.recipe.task import TaskDistillationRecipe
from model_build.tasks.outputs import Outputs
from model_build.tasks.target import Target


@dataclass(frozen=True)
class Batch:
    """What both models say about a batch, and the truth.

    Attributes:
        student: its outputs.
        teacher: its outputs.
        labelled: bool `[batch]`, whether it has a label.
        values: `[labelled]`, what is right: int64 numbers of classes, or grades.
        feature_variance: of the teacher's features before it trained.
        shadow: logits of the shadow head; None if there is none.
    """

    student: Outputs
    teacher: Outputs
    labelled: Tensor
    values: Tensor
    feature_variance: float
    shadow: Tensor | None = None


def objective(batch: Batch, target: Target, recipe: TaskDistillationRecipe) -> dict[str, Tensor]:
    """Compute the weighted losses of a batch by name."""
    student, teacher, temperature = batch.student, batch.teacher, recipe.temperature
    teacher_trains = recipe.teacher_trains != "nothing"
    losses: dict[str, Tensor] = {}

    def soft(name: str, own: Tensor, other: Tensor, factor: float = 1.0) -> None:
        if recipe.logit_kl_weight:
            loss = target.soft_loss(own, other.detach(), temperature)
            losses[name] = factor * recipe.logit_kl_weight * loss

    if recipe.label_weight and len(batch.values):
        # A mean over the batch, not over its labels: they should not weigh more where there are few.
        weight = recipe.label_weight * len(batch.values) / len(batch.labelled)
        losses["labels"] = weight * target.loss(student.logits[batch.labelled], batch.values)
        if teacher_trains:
            losses["teacher_labels"] = weight * target.loss(teacher.logits[batch.labelled], batch.values)
    if batch.shadow is not None:
        soft("shadow_kl", batch.shadow, teacher.logits)
        soft("shadow_mutual_kl", batch.shadow, student.logits, recipe.mutual_weight)
    soft("logit_kl", student.logits, teacher.logits if batch.shadow is None else batch.shadow)
    if teacher_trains and recipe.mutual_weight:
        soft("teacher_kl", teacher.logits, student.logits, recipe.mutual_weight)
    if recipe.feature_weight:
        weight = recipe.feature_weight / batch.feature_variance
        losses["features"] = weight * F.mse_loss(student.features, teacher.features.detach())
        if recipe.teacher_trains == "whole" and recipe.mutual_weight:
            mutual = recipe.mutual_weight * weight
            losses["teacher_features"] = mutual * F.mse_loss(teacher.features, student.features.detach())
    return losses
