"""An evaluation as tables for a terminal."""

from rich.table import Table

from model_build.evaluation.result import EvaluationResult, Measurement, SystemSize
from model_build.evaluation.system import Role

ABSENT = "-"


def quality_table(result: EvaluationResult) -> Table:
    """A row for each measured figure of a task, a column for each system, with the 95 % interval below the figure."""
    table = Table(title="Quality, with 95 % bootstrap intervals", title_justify="left", show_lines=True)
    for heading in ("task", "metric", "examples"):
        table.add_column(heading)
    _add_systems(table, result)
    for task, metric, examples in _figures(result):
        cells = [_cell(_find(result, system, task, metric)) for system in result.systems]
        table.add_row(task, metric, f"{examples:,}", *cells)
    return table


def teacher_table(result: EvaluationResult) -> Table | None:
    """Percent of the teacher's main figure that each system keeps; None where no teacher took part."""
    if result.teacher is None:
        return None
    table = Table(title=f"Percent of {result.teacher.name} kept", title_justify="left")
    table.add_column("task")
    _add_systems(table, result)
    for task in result.tasks:
        table.add_row(task, *(percent(result.teacher_kept(system.name, task)) for system in result.systems))
    return table


def size(count: int) -> str:
    """Bytes for a reader: `1.91 MB`, or `no model` for none."""
    return f"{count / 1e6:.2f} MB" if count else "no model"


def percent(share: float | None) -> str:
    """A share for a reader: `97.3 %`, or a dash where there is none."""
    return ABSENT if share is None else f"{100 * share:.1f} %"


def _add_systems(table: Table, result: EvaluationResult) -> None:
    for system in result.systems:
        style = "bold" if system.role is Role.ARTIFACT else None
        table.add_column(f"{system.name}\n{size(system.bytes)}", justify="right", style=style)


def _figures(result: EvaluationResult) -> list[tuple[str, str, int]]:
    return list(dict.fromkeys((found.task, found.metric, found.examples) for found in result.measurements))


def _find(result: EvaluationResult, system: SystemSize, task: str, metric: str) -> Measurement | None:
    key = (system.name, task, metric)
    return next((found for found in result.measurements if (found.system, found.task, found.metric) == key), None)


def _cell(measurement: Measurement | None) -> str:
    if measurement is None:
        return ABSENT
    return f"{measurement.value:.3f}\n{measurement.low:.3f} to {measurement.high:.3f}"
