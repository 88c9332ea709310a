"""03-distillation: train the student.

Writes `student.pt`, the device's form of it, and `course.json`.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from model_build.common.atomic import durable_file, write_json
from model_build.quantization.schemes import schemes_of
from model_build.student.fuse import DeviceStudent
from model_build.tasks.context import TaskContext
from model_build.tasks.outputs import load_outputs
from model_build.tasks.stages.teacher import OUTPUTS, load_tuned
from model_build.tasks.student import TaskDevice, fuse, initial_body
from model_build.tasks.trainer import Lessons, distil
from model_build.vocabulary.pruning import ids_of
from service.text.pair_row import Row

STUDENT = "student.pt"


def inputs(context: TaskContext) -> dict[str, object]:
    """The sections of distillation and quantization, and the student's length."""
    recipe = context.recipe
    return {
        "distillation": recipe.distillation.model_dump(mode="json"),
        "quantization": recipe.quantization.model_dump(mode="json"),
        "max_length": recipe.student.max_length,
    }


def run(context: TaskContext, folder: Path) -> None:
    """Train."""
    recipe, rows = context.recipe, context.rows(context.task.train)
    lessons = lessons_of(context, rows)
    student = distil(
        body_of(context), lessons, recipe.distillation, recipe.seed, context.journal, schemes_of(recipe.quantization)
    )
    with durable_file(folder / STUDENT) as file:
        torch.save(fuse(student).state_dict(), file)
    truncated = sum(row.truncated for row in rows)
    write_json(folder / "course.json", {"examples": len(rows), "truncated": truncated})
    context.journal.event("distillation", "trained", examples=len(rows), truncated=truncated)


def lessons_of(context: TaskContext, rows: Sequence[Row]) -> Lessons:
    """What a student learns that reads the training examples as these rows."""
    task, teacher = context.task, load_tuned(context)
    return Lessons(
        rows=rows,
        target=context.target,
        values=context.values("train"),
        teacher=teacher,
        teacher_rows=teacher.rows(task.train, context.recipe.teacher.max_length),
        outputs=load_outputs(context.folder_of("teacher") / OUTPUTS),
    )


def body_of(context: TaskContext) -> DeviceStudent:
    """Encoder and pooling before distillation."""
    released = ids_of(context.released_tokens)
    kept = torch.tensor([released[token] for token in context.tokens])
    segments = 2 if context.task.kind == "pair" else 1
    return initial_body(context.start, kept, max_length=context.recipe.student.max_length, segments=segments)


def load_device(context: TaskContext) -> TaskDevice:
    """Load the trained student."""
    body = body_of(context)
    device = TaskDevice(body.encoder, body.pooling, nn.Linear(body.pooling.width, context.target.outputs))
    state = torch.load(context.folder_of("distillation") / STUDENT, weights_only=True)
    device.load_state_dict(state)
    return device.eval()
