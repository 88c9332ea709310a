"""Quantization-aware tuning: the rounded student trains on, until its weights lie where their formats can hold them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from model_build.batches import BatchStream
from model_build.cross_distillation import schedule
from model_build.fusion import DeviceStudent, lift
from model_build.journal import Journal
from model_build.losses import distribution_loss, neighbour_cosines, representation_loss
from model_build.quantization import bake, schemes_of, simulate
from model_build.recipe import QuantizationRecipe
from model_build.student import PAD_ID, Student
from model_build.teacher import FrozenFeatures, pad

_TEMPERATURE = 0.05
_WARMUP = 20


@dataclass(frozen=True)
class Target:
    """What the rounded student learns.

    Attributes:
        vectors: gives the unit vectors of the training texts at some places: `[places, width]`, without a gradient.
        lift: orthonormal columns `[width, dimension]` that bring the student's own vectors to that width.
    """

    vectors: Callable[[NDArray[np.int64]], Tensor]
    lift: Tensor


def student_target(student: DeviceStudent, rows: Sequence[Sequence[int]]) -> Target:
    """To give the vectors of the student that is not rounded.

    Args:
        student: gives the vectors.
        rows: token ids of the training texts.
    """

    @torch.no_grad()
    def vectors(places: NDArray[np.int64]) -> Tensor:
        given: Tensor = student(*pad([rows[place] for place in places], PAD_ID))
        return given

    return Target(vectors, torch.eye(student.head.out_features))


def teacher_target(student: Student, task_layer: nn.Module, features: FrozenFeatures) -> Target:
    """To give the teacher's vectors: distillation goes on.

    Args:
        student: as it was before `fuse`.
        task_layer: the teacher's.
        features: the teacher's vectors of the training texts before its task layer.
    """

    @torch.no_grad()
    def vectors(places: NDArray[np.int64]) -> Tensor:
        return F.normalize(task_layer(features(places)), dim=-1)

    return Target(vectors, lift(student))


def tune(
    student: DeviceStudent,
    target: Target,
    recipe: QuantizationRecipe,
    rows: Sequence[Sequence[int]],
    *,
    batch_texts: int,
    seed: int,
    journal: Journal,
) -> DeviceStudent:
    """Train a copy of the student that is rounded in the forward pass, towards its target.

    Args:
        student: where it starts; stays as it is.
        target: what it learns.
        recipe: schemes, steps and rate.
        rows: token ids of the training texts.
        batch_texts: texts a step.
        seed: decides the batches.
        journal: shows progress.

    Returns:
        A student whose matrices hold what their formats can: rounding them again changes nothing.
    """
    simulated = simulate(student, schemes_of(recipe))
    optimizer = torch.optim.Adam(simulated.parameters(), lr=recipe.tuning_rate)
    stream = BatchStream([len(row) for row in rows], batch_texts, seed + 2)
    with journal.bar("quantization-aware tuning", recipe.tuning_steps) as bar:
        for step in range(recipe.tuning_steps):
            for group in optimizer.param_groups:
                group["lr"] = recipe.tuning_rate * schedule(step, recipe.tuning_steps, _WARMUP)
            places = stream.at(step)
            guide = target.vectors(places)
            ours = simulated(*pad([rows[place] for place in places], PAD_ID)) @ target.lift.T
            loss = representation_loss(ours, guide) + distribution_loss(
                neighbour_cosines(ours), neighbour_cosines(guide), _TEMPERATURE
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            bar.advance(note=f"loss {loss.item():.4f}")
    return bake(simulated)
