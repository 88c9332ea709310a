"""05-pack: train adapters of the released encoder and a head for the task, where the recipe has a pack.

Writes `pack/`.
"""

from pathlib import Path

import numpy as np

from model_build import __version__
from model_build.heads.fit import sources_of
from model_build.heads.logistic import LinearHead, class_indices, fit_temperature
from model_build.heads.publish import publish_head, rounded
from model_build.recipe.task import PackRecipe
from model_build.tasks.adapters import stored
from model_build.tasks.context import TaskContext, student_rows
from model_build.tasks.stages.distillation import lessons_of
from model_build.tasks.student import fused_head
from model_build.tasks.trainer import distil_pack, logits_of
from service.heads.manifest import HeadTraining

PACK = "pack"


def inputs(context: TaskContext) -> dict[str, object]:
    """The pack's section, and the encoder that it is for."""
    pack = context.recipe.pack
    return {"pack": pack and pack.model_dump(mode="json"), "encoder": context.initial.manifest.encoder_revision}


def run(context: TaskContext, folder: Path) -> None:
    """Train, calibrate and publish the pack."""
    if (pack := context.recipe.pack) is None:
        return
    task, released = context.task, context.initial
    train, dev = (
        student_rows(split, context.released_tokens, released, released.manifest.model.max_length)
        for split in (task.train, task.dev)
    )
    lessons = lessons_of(context, train)
    student = distil_pack(context.start, pack.rank, lessons, pack.distillation, context.recipe.seed, context.journal)
    student.start_rounding()
    temperature = fit_temperature(
        logits_of(student, dev, len(task.classes)), class_indices(task.dev.labels, task.classes)
    )
    layer = fused_head(student.adapter, student.classifier)
    head = LinearHead(
        task.classes, layer.weight.numpy(force=True).astype(np.float64), layer.bias.numpy(force=True).astype(np.float64)
    )
    published = publish_head(
        folder / PACK,
        released.manifest,
        rounded(head.tempered(temperature)),
        name=f"{context.recipe.name}-pack",
        kind=task.kind,
        classes=task.classes,
        training=_training(context, pack, temperature),
        adapters=[stored(adapter) for adapter in student.encoder.adapters],  # type: ignore[arg-type]
    )
    truncated = sum(row.truncated for row in train)
    context.journal.event("pack", "published", revision=published.revision, truncated=truncated)


def _training(context: TaskContext, pack: PackRecipe, temperature: float) -> HeadTraining:
    distillation = pack.distillation
    return HeadTraining(
        sources=sources_of(context.task.data),
        method=(
            f"adapters of rank {pack.rank}, taught by {context.recipe.teacher.model}: classifier "
            f"{distillation.classifier}, {distillation.steps} steps of {distillation.batch_examples} examples"
        ),
        temperature=temperature,
        seed=context.recipe.seed,
        tool=f"model-build {__version__}",
    )
