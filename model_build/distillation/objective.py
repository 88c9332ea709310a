"""The objective of distillation: the weighted sum of all losses on one batch.

For the student s and its teacher t, with the recipe's weights w:

    w_cosine (1 - cos(s, t)) + w_kl KL(similarities of t || those of s)
    + w_task InfoNCE(s)                                    on queries and their texts
    + w_logit KL(logits of t || those of s) + w_label BCE  on labelled pairs

A teacher that trains has the same losses the other way round, times `mutual_weight`, its own InfoNCE and BCE, and an
anchor to its initial vectors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from model_build.distillation.losses import cosine_loss, logit_kl, ranking_loss, similarity_kl
from model_build.recipe import DistillationRecipe

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Labelled:
    """A batch's labels, float32 `[pairs]`, and each model's logits as a function of its vectors."""

    labels: Tensor
    student: Function
    teacher: Function


@dataclass(frozen=True)
class Batch:
    """Both models' vectors of a batch.

    Attributes:
        student, teacher: unit vectors `[texts, width]`.
        anchor: the teacher's, before it adapted.
        similarities: computes the student's and the teacher's cosines, `[rows, columns]` each; None for none.
        ranked: whether these are of queries to texts, with each query's own text on the diagonal.
        labelled: labels of pairs; None for none.
    """

    student: Tensor
    teacher: Tensor
    anchor: Tensor
    similarities: Callable[[], tuple[Tensor, Tensor]] | None = None
    ranked: bool = False
    labelled: Labelled | None = None


def objective(batch: Batch, recipe: DistillationRecipe, *, teacher_trains: bool = False) -> dict[str, Tensor]:
    """Compute the weighted losses of a batch by name; `total` adds them up."""
    losses: dict[str, Tensor] = {}

    def match(name: str, loss: Callable[[Tensor, Tensor], Tensor], weight: float, own: Tensor, target: Tensor) -> None:
        losses[name] = weight * loss(own, target.detach())
        if teacher_trains:
            losses[f"teacher_{name}"] = recipe.mutual_weight * weight * loss(target, own.detach())

    def learn(name: str, loss: Function, weight: float, own: Tensor, teachers: Tensor) -> None:
        losses[name] = weight * loss(own)
        if teacher_trains:
            losses[f"teacher_{name}"] = weight * loss(teachers)

    match("cosine", cosine_loss, recipe.cosine_weight, batch.student, batch.teacher)
    if teacher_trains:
        losses["teacher_anchor"] = recipe.anchor_weight * cosine_loss(batch.teacher, batch.anchor)
    if batch.similarities:
        cosines = batch.similarities()
        divergence = partial(similarity_kl, temperature=recipe.temperature)
        match("similarity_kl", divergence, recipe.similarity_kl_weight, *cosines)
        if batch.ranked:
            learn("task", partial(ranking_loss, temperature=recipe.temperature), recipe.task_weight, *cosines)
    if batch.labelled:
        logits = batch.labelled.student(batch.student), batch.labelled.teacher(batch.teacher)
        match("logit_kl", logit_kl, recipe.logit_kl_weight, *logits)
        entropy = partial(F.binary_cross_entropy_with_logits, target=batch.labelled.labels)
        learn("labels", entropy, recipe.label_weight, *logits)
    return losses


def total(losses: dict[str, Tensor]) -> Tensor:
    """Add up a step's losses."""
    return torch.stack(list(losses.values())).sum()
