"""Quantization-aware tuning: the rounded student trains on, until its weights lie where their formats can hold them.

`tune` brings the rounded student's vectors back to those of the fp32 student; it needs no teacher. The other target,
the teacher's own vectors, is distillation with rounded weights (see `training.tuned_student`).
"""

from collections.abc import Sequence

import torch

from model_build.common.batches import BatchStream
from model_build.common.log import Journal
from model_build.distillation.losses import distribution_loss, neighbour_cosines, representation_loss
from model_build.distillation.trainer import schedule
from model_build.quantization.schemes import bake, schemes_of, simulate
from model_build.recipe import QuantizationRecipe
from model_build.student.fuse import DeviceStudent
from model_build.student.model import PAD_ID
from model_build.teacher.model import pad

WARMUP = 20  # steps
_TEMPERATURE = 0.05


def tune(
    student: DeviceStudent,
    recipe: QuantizationRecipe,
    rows: Sequence[Sequence[int]],
    *,
    batch_texts: int,
    seed: int,
    journal: Journal,
) -> DeviceStudent:
    """Train a copy of the student that is rounded in the forward pass to give the fp32 student's vectors.

    Args:
        student: fp32; stays as it is.
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
    stream = BatchStream([len(row) for row in rows], batch_texts, seed)
    with journal.bar("quantization-aware tuning", recipe.tuning_steps) as bar:
        for step in range(recipe.tuning_steps):
            for group in optimizer.param_groups:
                group["lr"] = recipe.tuning_rate * schedule(step, recipe.tuning_steps, WARMUP)
            ids, mask = pad([rows[place] for place in stream.at(step)], PAD_ID)
            with torch.no_grad():
                guide = student(ids, mask)
            ours = simulated(ids, mask)
            loss = representation_loss(ours, guide) + distribution_loss(
                neighbour_cosines(ours), neighbour_cosines(guide), _TEMPERATURE
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            bar.advance(note=f"loss {loss.item():.4f}")
    return bake(simulated)
