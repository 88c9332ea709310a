"""03-distillation: train the student.

Writes `student.pt`, the device's form of it, and `course.json`.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from model_build.common.atomic import durable_file, write_json
from model_build.quantization.schemes import schemes_of
from model_build.tasks.context import TaskContext
from model_build.tasks.course import Course
from model_build.tasks.outputs import joined_outputs, load_outputs
from model_build.tasks.stages.teacher import OUTPUTS, UNLABELLED, load_tuned
from model_build.tasks.student import TaskBody, TaskDevice, fuse, initial_body
from model_build.tasks.trainer import Lessons, distil
from model_build.vocabulary.pruning import ids_of
from service.text.pair_row import Row

STUDENT, COURSE = "student.pt", "course.json"


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
    recipe, rows = context.recipe, context.rows(*context.task.lessons)
    lessons, schemes, course = lessons_of(context, rows), schemes_of(recipe.quantization), Course()
    student = distil(
        body_of(context), lessons, recipe.distillation, recipe.seed, context.journal, schemes, course=course
    )
    with durable_file(folder / STUDENT) as file:
        torch.save(fuse(student).state_dict(), file)
    truncated = sum(row.truncated for row in rows)
    losses = {"losses": course.curve, "rounded_from": course.rounded_from}
    write_json(folder / COURSE, {"examples": len(rows), "truncated": truncated, **losses})
    context.journal.event("distillation", "trained", examples=len(rows), truncated=truncated)


def load_losses(folder: Path) -> tuple[list[tuple[int, float]], int | None]:
    """The losses by step, and the number of steps without rounded weights; nothing of a run of an earlier version."""
    course = json.loads((folder / COURSE).read_text(encoding="utf-8"))
    return [(int(step), float(loss)) for step, loss in course.get("losses", [])], course.get("rounded_from")


def lessons_of(context: TaskContext, rows: Sequence[Row]) -> Lessons:
    """What a student learns that reads the examples of `task.lessons` as these rows."""
    task, teacher, folder = context.task, load_tuned(context), context.folder_of("teacher")
    length = context.recipe.teacher.max_length
    names = (OUTPUTS, UNLABELLED)[: len(task.lessons)]
    return Lessons(
        rows=rows,
        target=context.target,
        values=context.values("train"),
        teacher=teacher,
        teacher_rows=[row for examples in task.lessons for row in teacher.rows(examples, length)],
        outputs=joined_outputs([load_outputs(folder / name) for name in names]),
    )


def body_of(context: TaskContext) -> TaskBody:
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
