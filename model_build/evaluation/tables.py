"""An evaluation as tables for a terminal."""

from collections.abc import Iterable

from rich.table import Column, Table

from model_build.common.format import ABSENT, size
from model_build.common.systems import Role
from model_build.common.tables import number, table
from model_build.evaluation.quality import family_rows, kept_rows, metric_rows
from model_build.evaluation.result import EvaluationResult


def quality_table(result: EvaluationResult) -> Table:
    """A row per task and metric, a column per system, with the 95 % interval below the value."""
    return table(
        "Quality, with 95 % bootstrap intervals",
        ["task", "metric", "examples", *_systems(result)],
        ([one.task, one.metric, f"{one.examples:,}", *cells] for one, cells in metric_rows(result)),
        lines=True,
    )


def teacher_table(result: EvaluationResult) -> Table | None:
    """Each system's percent of the teacher's main metric, with the artifact's interval; None without a teacher."""
    if result.teacher is None:
        return None
    rows = (
        (task, *(str(cell).replace(" (", "\n(") for cell in cells))
        for task, cells in kept_rows(result, result.teacher, result.systems)
    )
    return table(f"Percent of {result.teacher.name} kept", ("task", *_systems(result)), rows)


def fp32_table(result: EvaluationResult) -> Table | None:
    """The artifact's percent of its fp32 reference's main metric; None if one of the two is missing."""
    if result.fp32 is None or result.artifact is None:
        return None
    columns = ("task", number(result.artifact.name), "95 % interval")
    rows = (
        (task, cell.text, cell.detail or ABSENT) for task, (cell,) in kept_rows(result, result.fp32, [result.artifact])
    )
    return table("Percent of fp32 kept", columns, rows)


def family_table(result: EvaluationResult) -> Table:
    """The mean of the main metrics of each family of tasks, and below it the percent of the teacher's mean."""
    kept_too = f", and percent of {result.teacher.name} kept" if result.teacher else ""
    return table(
        f"Mean by family{kept_too}",
        ["family", "tasks", *_systems(result)],
        ([family, f"{len(tasks)}", *cells] for family, tasks, cells in family_rows(result)),
        lines=True,
    )


def _systems(result: EvaluationResult) -> Iterable[Column]:
    for system in result.systems:
        yield number(f"{system.name}\n{size(system.bytes)}", style="bold" if system.role is Role.ARTIFACT else "")
