"""01-teacher: fine-tune the teacher, unless it is a classifier, and read the training examples with it.

Writes `outputs.pt` and `figures.json`; of an encoder `fine_tuned.pt` and `early.pt`.
"""

import json
from dataclasses import asdict
from pathlib import Path

import torch

from model_build.common.atomic import durable_file, write_json
from model_build.evaluation.metrics import accuracy
from model_build.tasks.context import TaskContext
from model_build.tasks.finetune import FINE_TUNED, fine_tune, restore
from model_build.tasks.teacher import Outputs, TaskTeacher
from model_build.teacher.model import folder_of
from service.artifact.artifact import file_sha256

OUTPUTS, FIGURES = "outputs.pt", "figures.json"


def inputs(context: TaskContext) -> dict[str, object]:
    """The teacher's section and files, and the examples."""
    tables = context.recipe.task.model_dump(mode="json")
    task = context.task
    hashes = [one.sha256 for one in (task.train, task.dev, task.test) if one is not None]
    folder = folder_of(context.recipe.teacher.model)
    weights = {path.name: file_sha256(path) for path in sorted(folder.glob("*.safetensors"))}
    section = context.recipe.teacher.model_dump(mode="json")
    return {"tables": tables, "hashes": hashes, "teacher": section, "weights": weights, "seed": context.recipe.seed}


def run(context: TaskContext, folder: Path) -> None:
    """Fine-tune and read."""
    recipe, task, teacher = context.recipe, context.task, context.teacher
    length, course = recipe.teacher.max_length, {}
    if not context.has_classifier:
        fine_tuning = recipe.teacher.fine_tuning
        tuned = fine_tune(teacher, task, length, fine_tuning, recipe.seed, folder, context.journal)
        course = asdict(tuned)
    outputs = teacher.read(teacher.rows(task.train, length), context.journal)
    with durable_file(folder / OUTPUTS) as file:
        torch.save({"features": outputs.features, "logits": outputs.logits}, file)
    figures: dict[str, object] = {"fine_tuning": course, "sha256": teacher.sha256}
    for name, split in (("dev", task.dev), ("test", task.test)):
        if split is not None:
            logits = teacher.read(teacher.rows(split, length), context.journal).logits
            figures[name] = accuracy(logits.argmax(1).numpy(), task.targets(split))
    write_json(folder / FIGURES, figures)


def load_outputs(folder: Path) -> Outputs:
    """What the teacher says about the training examples."""
    found = torch.load(folder / OUTPUTS, weights_only=True)
    return Outputs(found["features"], found["logits"])


def load_figures(folder: Path) -> dict[str, object]:
    """The teacher's accuracies by split."""
    figures: dict[str, object] = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    return figures


def load_tuned(context: TaskContext) -> TaskTeacher:
    """The teacher after the stage."""
    weights = context.folder_of("teacher") / FINE_TUNED
    return restore(context.teacher, weights) if weights.exists() else context.teacher
