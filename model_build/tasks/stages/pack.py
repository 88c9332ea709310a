"""05-pack: train adapters of the released encoder and a head for the task, where the recipe has a pack.

Writes `pack/`.
"""

from pathlib import Path

import numpy as np
import torch

from model_build import __version__
from model_build.heads.fit import figures_of, sources_of
from model_build.heads.logistic import LinearHead, fit_temperature
from model_build.heads.metrics import measure
from model_build.heads.publish import as_rounded, publish_head, rounded
from model_build.recipe.task import PackRecipe
from model_build.tasks.adapters import PackStudent, stored
from model_build.tasks.context import TaskContext
from model_build.tasks.stages.distillation import lessons_of
from model_build.tasks.student import fused_head
from model_build.tasks.trainer import by_length, distil_pack, logits_of
from service.heads.manifest import HeadFigure, HeadTraining

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
    train, dev = context.pack_rows(*task.lessons), context.pack_rows(task.dev)
    lessons = lessons_of(context, train)
    student = distil_pack(
        context.start,
        pack.rank,
        lessons,
        pack.distillation,
        context.recipe.seed,
        context.journal,
        pairs=task.kind == "pair",
    )
    student.start_rounding()
    temperature = fit_temperature(logits_of(student, dev, context.target.outputs), context.values("dev"))
    layer = fused_head(student.adapter, student.classifier)
    matrix, biases = (one.numpy(force=True).astype(np.float64) for one in (layer.weight, layer.bias))
    head = LinearHead(task.classes, matrix, biases).tempered(temperature)
    weights = rounded(head)
    published = publish_head(
        folder / PACK,
        released.manifest,
        weights,
        name=f"{context.recipe.name}-pack",
        kind=task.kind,
        classes=task.classes,
        training=_training(context, pack, temperature),
        figures=_figures(context, student, as_rounded(head, weights)),
        adapters=[stored(adapter) for adapter in student.encoder.adapters],  # type: ignore[arg-type]
    )
    truncated = sum(row.truncated for row in train)
    context.journal.event("pack", "published", revision=published.revision, truncated=truncated)


@torch.no_grad()
def _figures(context: TaskContext, student: PackStudent, head: LinearHead) -> tuple[HeadFigure, ...]:
    """Metrics of the rounded pack on test, or else on dev, which chose the temperature."""
    name, split = context.task.reported
    rows = context.pack_rows(split)
    vectors = by_length(student.pooled, rows, student.width).numpy()
    return figures_of(name, measure(head.logits(vectors), split.labels, head.classes, seed=context.recipe.seed))


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
