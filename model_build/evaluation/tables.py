"""An evaluation as tables for a terminal."""

from rich.table import Table

from model_build.common.format import ABSENT, percent, size
from model_build.common.systems import Role
from model_build.evaluation.result import (
    EvaluationResult,
    Measurement,
    SystemSize,
    family_means,
    measured_families,
)


def quality_table(result: EvaluationResult) -> Table:
    """A row per task and metric, a column per system, with the 95 % interval below the value."""
    table = Table(title="Quality, with 95 % bootstrap intervals", title_justify="left", show_lines=True)
    for heading in ("task", "metric", "examples"):
        table.add_column(heading)
    _add_systems(table, result)
    rows = dict.fromkeys((found.task, found.metric, found.examples) for found in result.measurements)
    for task, metric, examples in rows:
        cells = [_cell(_find(result, system, task, metric)) for system in result.systems]
        table.add_row(task, metric, f"{examples:,}", *cells)
    return table


def teacher_table(result: EvaluationResult) -> Table | None:
    """Each system's percent of the teacher's main metric, with the artifact's interval; None without a teacher."""
    if result.teacher is None:
        return None
    table = Table(title=f"Percent of {result.teacher.name} kept", title_justify="left")
    table.add_column("task")
    _add_systems(table, result)
    for task in result.tasks:
        table.add_row(task, *(kept(result, system.name, result.teacher, task, "\n") for system in result.systems))
    return table


def fp32_table(result: EvaluationResult) -> Table | None:
    """The artifact's percent of its fp32 reference's main metric; None if one of the two is missing."""
    if result.fp32 is None or result.artifact is None:
        return None
    table = Table(title="Percent of fp32 kept", title_justify="left")
    table.add_column("task")
    table.add_column(result.artifact.name, justify="right")
    table.add_column("95 % interval")
    for task in result.tasks:
        share = result.share(result.artifact.name, result.fp32, task)
        between = f"{100 * share.low:.1f} to {100 * share.high:.1f}" if share else ABSENT
        table.add_row(task, percent(result.fp32_kept(result.artifact.name, task)), between)
    return table


def family_table(result: EvaluationResult) -> Table:
    """The mean of the main metrics of each family of tasks, and below it the percent of the teacher's mean."""
    kept_too = f", and percent of {result.teacher.name} kept" if result.teacher else ""
    table = Table(title=f"Mean by family{kept_too}", title_justify="left", show_lines=True)
    table.add_column("family")
    table.add_column("tasks")
    _add_systems(table, result)
    found = {(mean.family, mean.system): mean for mean in family_means(result)}
    for family, tasks in measured_families(result).items():
        means = [found.get((family, system.name)) for system in result.systems]
        cells = [
            ABSENT if mean is None else f"{mean.value:.3f}" + (f"\n{percent(mean.teacher_kept)}" if kept_too else "")
            for mean in means
        ]
        table.add_row(family, f"{len(tasks)}", *cells)
    return table


def kept(result: EvaluationResult, system: str, reference: SystemSize | None, task: str, gap: str = " ") -> str:
    """Format a share with its interval, if it has one: `97.3 % (96.1 to 98.4)`.

    Args:
        result: the evaluation.
        system: name of the system.
        reference: the system that it is compared with.
        task: the task's name.
        gap: between share and interval.
    """
    found = result.share(system, reference, task)
    share = percent(result.kept(system, reference, task))
    return f"{share}{gap}({100 * found.low:.1f} to {100 * found.high:.1f})" if found else share


def _add_systems(table: Table, result: EvaluationResult) -> None:
    for system in result.systems:
        style = "bold" if system.role is Role.ARTIFACT else None
        table.add_column(f"{system.name}\n{size(system.bytes)}", justify="right", style=style)


def _find(result: EvaluationResult, system: SystemSize, task: str, metric: str) -> Measurement | None:
    key = (system.name, task, metric)
    return next((found for found in result.measurements if (found.system, found.task, found.metric) == key), None)


def _cell(measurement: Measurement | None) -> str:
    if measurement is None:
        return ABSENT
    return f"{measurement.value:.3f}\n{measurement.low:.3f} to {measurement.high:.3f}"
