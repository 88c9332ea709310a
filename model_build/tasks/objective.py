"""The objective of a task's distillation: the weighted sum of all losses on one batch.

For the student s and its teacher t, with the recipe's weights w and temperature T:

    w_label CE(s, labels) + w_kl T² KL(softmax(t / T) || softmax(s / T)) + w_feature MSE(features of s, features of t)

MSE is in units of the variance of the teacher's features. A teacher that trains has CE(t, labels) too, and the other
losses the other way round, times `mutual_weight`. With a shadow head h on the student, KL(t || h) and KL(h || s) take
the place of KL(t || s), and h is drawn towards s as a training teacher would be.

The factor T² keeps gradients of softened logits as large as those of the labels (Hinton et al., arXiv 1503.02531).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from model_build.recipe.task import TaskDistillationRecipe
from model_build.tasks.teacher import Outputs


@dataclass(frozen=True)
class Batch:
    """What both models say about a batch, and the truth.

    Attributes:
        student: its outputs.
        teacher: its outputs.
        labels: int64 `[batch]`, the number of each example's class.
        feature_variance: of the teacher's features before it trained.
        shadow: logits of the shadow head; None if there is none.
    """

    student: Outputs
    teacher: Outputs
    labels: Tensor
    feature_variance: float
    shadow: Tensor | None = None


def objective(batch: Batch, recipe: TaskDistillationRecipe) -> dict[str, Tensor]:
    """Compute the weighted losses of a batch by name."""
    student, teacher, temperature = batch.student, batch.teacher, recipe.temperature
    teacher_trains = recipe.teacher_trains != "nothing"
    losses: dict[str, Tensor] = {}

    def kl(name: str, own: Tensor, target: Tensor, factor: float = 1.0) -> None:
        if recipe.logit_kl_weight:
            losses[name] = factor * recipe.logit_kl_weight * softened_kl(own, target.detach(), temperature)

    if recipe.label_weight:
        losses["labels"] = recipe.label_weight * F.cross_entropy(student.logits, batch.labels)
        if teacher_trains:
            losses["teacher_labels"] = recipe.label_weight * F.cross_entropy(teacher.logits, batch.labels)
    if batch.shadow is not None:
        kl("shadow_kl", batch.shadow, teacher.logits)
        kl("shadow_mutual_kl", batch.shadow, student.logits, recipe.mutual_weight)
    kl("logit_kl", student.logits, teacher.logits if batch.shadow is None else batch.shadow)
    if teacher_trains and recipe.mutual_weight:
        kl("teacher_kl", teacher.logits, student.logits, recipe.mutual_weight)
    if recipe.feature_weight:
        weight = recipe.feature_weight / batch.feature_variance
        losses["features"] = weight * F.mse_loss(student.features, teacher.features.detach())
        if recipe.teacher_trains == "whole" and recipe.mutual_weight:
            mutual = recipe.mutual_weight * weight
            losses["teacher_features"] = mutual * F.mse_loss(teacher.features, student.features.detach())
    return losses


def softened_kl(logits: Tensor, target: Tensor, temperature: float) -> Tensor:
    """T² KL(softmax(target / T) || softmax(logits / T)), the mean over a batch: `[batch, classes]` twice -> scalar."""
    divergence = F.kl_div(
        torch.log_softmax(logits / temperature, dim=-1),
        torch.log_softmax(target / temperature, dim=-1),
        log_target=True,
        reduction="batchmean",
    )
    return temperature**2 * divergence
