"""The rows of an evaluation's tables; one cell per system, in the order of the evaluation."""

from collections.abc import Iterator, Sequence
from typing import Any

from model_build.common.format import ABSENT, percent
from model_build.common.tables import Cell
from model_build.evaluation.result import (
    EvaluationResult,
    FamilyMean,
    Measurement,
    SystemSize,
    family_means,
    measured_families,
)
from model_build.evaluation.tasks.base import Family

Cells = Sequence[Cell]


def quality_of(result: EvaluationResult | None) -> dict[str, list[Any]]:
    """All rows, for the templates of a report."""
    if result is None:
        return {}
    return {
        "metrics": list(metric_rows(result)),
        "teacher_kept": list(kept_rows(result, result.teacher, result.systems)),
        "fp32_kept": list(kept_rows(result, result.fp32, [result.artifact])),
        "families": list(family_rows(result)),
    }


def metric_rows(result: EvaluationResult) -> Iterator[tuple[Measurement, Cells]]:
    """Every metric of a task with its intervals; the measurement is one system's."""
    found = {(one.task, one.metric, one.system): one for one in result.measurements}
    for (task, metric), one in {(one.task, one.metric): one for one in result.measurements}.items():
        yield one, [_metric(found.get((task, metric, system.name))) for system in result.systems]


def kept_rows(
    result: EvaluationResult, reference: SystemSize | None, systems: Sequence[SystemSize | None]
) -> Iterator[tuple[str, Cells]]:
    """Each task with the systems' shares of a reference's main metric; nothing without a reference or a system."""
    known = [system for system in systems if system is not None]
    if reference is not None and known:
        for task in result.tasks:
            yield task, [kept(result, system.name, reference, task) for system in known]


def family_rows(result: EvaluationResult) -> Iterator[tuple[Family, tuple[str, ...], Cells]]:
    """Each family with its tasks and the means of the main metrics, with the share of the teacher's mean if any."""
    found = {(mean.family, mean.system): mean for mean in family_means(result)}
    for family, tasks in measured_families(result).items():
        yield family, tasks, [_mean(result, found.get((family, system.name))) for system in result.systems]


def kept(result: EvaluationResult, system: str, reference: SystemSize | None, task: str) -> Cell:
    """A system's share of a reference's main metric, with its interval if it has one: `97.3 % (96.1 to 98.4)`."""
    found = result.share(system, reference, task)
    interval = f"{100 * found.low:.1f} to {100 * found.high:.1f}" if found else ""
    return Cell(percent(result.kept(system, reference, task)), interval)


def _metric(found: Measurement | None) -> Cell:
    return Cell(f"{found.value:.3f}", f"{found.low:.3f} to {found.high:.3f}") if found else Cell(ABSENT)


def _mean(result: EvaluationResult, found: FamilyMean | None) -> Cell:
    if found is None:
        return Cell(ABSENT)
    return Cell(f"{found.value:.3f}", percent(found.teacher_kept) if result.teacher else "")
