"""07-report: break down what the model gives, and write the report.

Writes `report.html`, `report.md`, `plots/`, and their contents as `report.json`. None of them has a text of an example.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from model_build.common.errors import RunError
from model_build.export.byte_table import byte_rows
from model_build.heads.data import Examples
from model_build.heads.logistic import Logits
from model_build.heads.metrics import BINS
from model_build.report.contents import StageTime
from model_build.report.task.breakdown import class_rows, confusion_matrix, grade_bins, most_confused, reliability
from model_build.report.task.contents import Facts, LossPoint, RoundingRow, SplitRow, TaskReport, TeacherCourse, WayRow
from model_build.report.task.write import save_task_report, write_task_report
from model_build.run.context import ARTIFACT
from model_build.run.stage import spent_seconds
from model_build.tasks.context import NAMES, TaskContext
from model_build.tasks.export import graph_logits
from model_build.tasks.stages.artifact import GRAPH, load_measured
from model_build.tasks.stages.comparison import load_comparison
from model_build.tasks.stages.distillation import load_losses
from model_build.tasks.stages.teacher import load_figures
from model_build.tasks.target import Classes, Grades, Values
from service.artifact.artifact import load_artifact
from service.heads.classifier import softmax
from service.text.pair_row import Row

T = TypeVar("T")


def inputs(context: TaskContext) -> dict[str, object]:
    """The seed."""
    return {"seed": context.recipe.seed}


def run(context: TaskContext, folder: Path) -> None:
    """Write the report of the run."""
    report = build_report(context)
    save_task_report(report, folder)
    write_task_report(report, folder)


def build_report(context: TaskContext) -> TaskReport:
    """Gather the results of a run's stages, and break down the released graph's decisions or grades.

    Raises:
        RunError: figures of a stage are from another version.
    """
    recipe, target, place = context.recipe, context.target, context.folder_of("artifact")
    manifest = load_artifact(place / ARTIFACT).manifest
    name, split = context.task.reported
    values = context.values(name)
    losses, rounded_from = load_losses(context.folder_of("distillation"))
    report = TaskReport(
        name=recipe.name,
        recipe=recipe.model_dump_json(indent=1),
        facts=_facts(context),
        device_bytes=manifest.device_bytes,
        byte_budget=manifest.byte_budget,
        split=name,
        examples=len(split),
        metric=target.metric,
        baseline=target.baseline(values),
        splits=_splits(context),
        lengths=_lengths(context),
        ways=_ways(context),
        rounding=_rounding(context),
        teacher=_teacher_course(context),
        losses=tuple(LossPoint(step, loss) for step, loss in losses),
        rounded_from=rounded_from,
        bytes=byte_rows(manifest),
        stages=tuple(StageTime(stage, spent) for stage, spent in spent_seconds(context.folder, NAMES).items()),
    )
    return _broken_down(report, context, graph_logits(place / GRAPH, context.rows(split)), values)


def _broken_down(report: TaskReport, context: TaskContext, logits: Logits, values: Values) -> TaskReport:
    if not isinstance(context.target, Classes):
        return replace(report, grades=grade_bins(logits[:, 0], values))
    names, decided = context.target.labels, logits.argmax(axis=1)
    matrix = confusion_matrix(decided, values, len(names))
    return replace(
        report,
        classes=class_rows(matrix, names),
        confusions=most_confused(matrix, names),
        reliability=reliability(softmax(logits).max(axis=1), decided == values, BINS),
    )


def _facts(context: TaskContext) -> Facts:
    recipe, task, target = context.recipe, context.task, context.target
    return Facts(
        kind=task.kind,
        train=recipe.task.train,
        teacher=recipe.teacher.model,
        start=recipe.student.init_from,
        start_bytes=context.initial.manifest.device_bytes,
        classes=target.labels if isinstance(target, Classes) else (),
        grades=(target.low, target.high) if isinstance(target, Grades) else None,
        left_out=task.left_out,
        rare=task.rare,
    )


def _lengths(context: TaskContext) -> dict[str, int]:
    """The most tokens of a row, by reader."""
    recipe = context.recipe
    found = {"teacher": recipe.teacher.max_length, "model": recipe.student.max_length}
    return found if recipe.pack is None else found | {"pack": context.initial.manifest.model.max_length}


def _splits(context: TaskContext) -> tuple[SplitRow, ...]:
    return tuple(SplitRow(name, len(split), _cut(context, split)) for name, split in context.task.splits.items())


def _cut(context: TaskContext, split: Examples) -> dict[str, int]:
    """How many examples each reader cuts."""

    def rows(reader: str, length: int) -> Sequence[Row]:
        if reader == "teacher":
            return context.teacher.rows(split, length)
        return context.rows(split) if reader == "model" else context.pack_rows(split)

    return {reader: sum(row.truncated for row in rows(reader, length)) for reader, length in _lengths(context).items()}


def _ways(context: TaskContext) -> tuple[WayRow, ...]:
    """What was measured, and the teacher's bytes."""
    ways = _read(load_comparison, context.folder_of("comparison"))
    return tuple(replace(way, bytes=_teacher_bytes(context)) if way.way == "teacher" else way for way in ways)


def _read(load: Callable[[Path], T], folder: Path) -> T:
    try:
        return load(folder)
    except TypeError:
        raise RunError(f"{folder} is from another version; delete it and add --resume") from None


def _teacher_bytes(context: TaskContext) -> int:
    return sum(weights.numel() * weights.element_size() for weights in context.teacher.parameters())


def _rounding(context: TaskContext) -> tuple[RoundingRow, ...]:
    measured = _read(load_measured, context.folder_of("artifact"))
    before, after = [row for row in measured if row.split == "dev"]
    rows = [RoundingRow(before.metric, before.value, after.value)]
    intervals = {f"{name} {end}" for name in after.more for end in ("low", "high")}
    more = [name for name in after.more if name not in intervals]
    return (*rows, *(RoundingRow(name, before.more[name], after.more[name]) for name in more))


def _teacher_course(context: TaskContext) -> TeacherCourse | None:
    """The fine-tuning of an encoder; None for a classifier, which is taken as it is."""
    figures: dict[str, Any] = load_figures(context.folder_of("teacher"))
    course = figures["fine_tuning"]
    return TeacherCourse(context.target.metric, tuple(course["curve"]), course["epoch"]) if course else None
