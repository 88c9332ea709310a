"""01-teacher: fine-tune the teacher, unless it is a classifier, and read the training examples with it.

Writes `outputs.pt`, `unlabelled.pt` if there are such examples, and `figures.json`; of an encoder `fine_tuned.pt` and
`early.pt`; of a teacher of grades `fine_tuned.pt`, on the scale of the student, and where there are no labels
`SPLIT.npy`, the grades.
"""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from model_build.common.atomic import write_json
from model_build.heads.data import Examples
from model_build.tasks.context import TaskContext
from model_build.tasks.finetune import FINE_TUNED, fine_tune, restore, save, start_comparing
from model_build.tasks.outputs import Outputs, save_grades, save_outputs
from model_build.tasks.target import Classes, Grades, Quality
from model_build.tasks.teacher import ComparingBody, TaskTeacher
from model_build.teacher.model import folder_of
from service.artifact.artifact import file_sha256

OUTPUTS, UNLABELLED, FIGURES, DETAILS = "outputs.pt", "unlabelled.pt", "figures.json", "details"


def inputs(context: TaskContext) -> dict[str, object]:
    """The teacher's section and files, and the examples."""
    tables = context.recipe.task.model_dump(mode="json")
    task = context.task
    hashes = [one.sha256 for one in (task.train, task.dev, task.test, task.unlabelled) if one is not None]
    folder = folder_of(context.recipe.teacher.model)
    weights = {path.name: file_sha256(path) for path in sorted(folder.glob("*.safetensors"))}
    section = context.recipe.teacher.model_dump(mode="json")
    return {"tables": tables, "hashes": hashes, "teacher": section, "weights": weights, "seed": context.recipe.seed}


def run(context: TaskContext, folder: Path) -> None:
    """Fine-tune and read."""
    recipe, task, teacher, course = context.recipe, context.task, context.teacher, {}
    if not context.has_classifier:
        length, fine_tuning = recipe.teacher.max_length, recipe.teacher.fine_tuning
        if isinstance(teacher.body, ComparingBody):
            said = _read(context, task.train, learns=True)
            start_comparing(teacher, context.target, said.features, context.values("train"))
        tuned = fine_tune(teacher, task, context.target, length, fine_tuning, recipe.seed, folder, context.journal)
        course = asdict(tuned)
    every = {name: _read(context, split, learns=name == "train") for name, split in task.splits.items()}
    sha256 = teacher.sha256
    if recipe.task.labels == "teacher":
        for name, outputs in every.items():
            save_grades(outputs.logits[:, 0].double().numpy(), folder, name)
    if context.has_classifier and isinstance(context.target, Grades):
        every["train"] = _align(context, teacher, every["train"])
        save(teacher, folder / FINE_TUNED)
    if task.unlabelled is not None:
        save_outputs(_read(context, task.unlabelled, learns=True), folder / UNLABELLED)
    save_outputs(every["train"], folder / OUTPUTS)
    figures: dict[str, object] = {"fine_tuning": course, "sha256": sha256}
    details = {}
    for name in sorted(set(every) - {"train"}):
        quality = context.target.measure(every[name].logits.double().numpy(), context.values(name), recipe.seed)
        figures[name], details[name] = quality.value, _detail(quality)
    write_json(folder / FIGURES, figures | {DETAILS: details})


def _detail(quality: Quality) -> dict[str, object]:
    """What is kept of metrics beside the value. Grades are not yet on their own scale, which only ranks survive."""
    more = quality.more if quality.metric == Classes.metric else {}
    return {"low": quality.interval.low, "high": quality.interval.high, "more": more}


def _read(context: TaskContext, examples: Examples, *, learns: bool) -> Outputs:
    """What the teacher says of examples; what the student learns from, as precisely as it learns."""
    rows = context.teacher.rows(examples, context.recipe.teacher.max_length)
    precision = context.recipe.distillation.precision if learns else "float32"
    return context.teacher.read(rows, context.journal, precision=precision)


def _align(context: TaskContext, teacher: TaskTeacher, said: Outputs) -> Outputs:
    """Bring a teacher of grades, in place, and what it says of the training examples to the scale of the student's.

    A teacher's numbers are on a scale of their own, up to which they are fitted to what is right by least squares.
    """
    assert isinstance(context.target, Grades)  # noqa: S101 (narrows the type)
    right = context.target.standardized(torch.from_numpy(context.values("train"))).numpy()
    slope, shift = (float(one) for one in np.polyfit(said.logits[:, 0].double().numpy(), right, 1))
    with torch.no_grad():
        teacher.classifier.weight.mul_(slope)
        teacher.classifier.bias.mul_(slope).add_(shift)
    return Outputs(said.features, said.logits * slope + shift)


def load_figures(folder: Path) -> dict[str, object]:
    """The teacher's metric by split, and in a run of this version `details`: interval and other metrics by split."""
    figures: dict[str, object] = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    return figures


def load_tuned(context: TaskContext) -> TaskTeacher:
    """The teacher after the stage."""
    weights = context.folder_of("teacher") / FINE_TUNED
    return restore(context.teacher, weights) if weights.exists() else context.teacher
