"""The rows of a report's quality tables; one cell per system, in the order of the evaluation."""

from dataclasses import dataclass

from model_build.common.format import ABSENT, percent
from model_build.evaluation.result import EvaluationResult, family_means, measured_families
from model_build.evaluation.tables import kept
from model_build.evaluation.tasks.base import Family


@dataclass(frozen=True)
class QualityRow:
    """A metric of a task."""

    task: str
    metric: str
    split: str
    examples: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class KeptRow:
    """Shares of a reference's main metric on a task."""

    task: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class FamilyRow:
    """Means of the main metrics over a family's tasks."""

    family: str
    tasks: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Quality:
    """The rows of all quality tables.

    Attributes:
        metrics: every metric with its interval.
        teacher_kept: each system's share of the first teacher's metric; empty without a teacher.
        fp32_kept: the artifact's share of the fp32 reference's metric, in one cell; empty without it.
        families: means by family, with the share of the teacher's mean if there is one.
    """

    metrics: tuple[QualityRow, ...] = ()
    teacher_kept: tuple[KeptRow, ...] = ()
    fp32_kept: tuple[KeptRow, ...] = ()
    families: tuple[FamilyRow, ...] = ()


def quality_of(evaluation: EvaluationResult | None) -> Quality:
    """The rows of an evaluation; all empty for None."""
    if evaluation is None:
        return Quality()
    return Quality(_metrics(evaluation), _teacher_kept(evaluation), _fp32_kept(evaluation), _families(evaluation))


def _metrics(evaluation: EvaluationResult) -> tuple[QualityRow, ...]:
    found = {(one.task, one.metric, one.system): one for one in evaluation.measurements}
    rows = {(one.task, one.metric): one for one in evaluation.measurements}
    return tuple(
        QualityRow(
            task=task,
            metric=metric,
            split=one.split,
            examples=one.examples,
            cells=tuple(
                f"{cell.value:.3f} ({cell.low:.3f} to {cell.high:.3f})" if cell else ABSENT
                for cell in (found.get((task, metric, system.name)) for system in evaluation.systems)
            ),
        )
        for (task, metric), one in rows.items()
    )


def _teacher_kept(evaluation: EvaluationResult) -> tuple[KeptRow, ...]:
    teacher = evaluation.teacher
    if teacher is None:
        return ()
    return tuple(
        KeptRow(task, tuple(kept(evaluation, system.name, teacher, task) for system in evaluation.systems))
        for task in evaluation.tasks
    )


def _fp32_kept(evaluation: EvaluationResult) -> tuple[KeptRow, ...]:
    artifact, fp32 = evaluation.artifact, evaluation.fp32
    if artifact is None or fp32 is None:
        return ()
    return tuple(KeptRow(task, (kept(evaluation, artifact.name, fp32, task),)) for task in evaluation.tasks)


def _families(evaluation: EvaluationResult) -> tuple[FamilyRow, ...]:
    found = {(mean.family, mean.system): mean for mean in family_means(evaluation)}

    def cell(family: Family, system: str) -> str:
        mean = found.get((family, system))
        if mean is None:
            return ABSENT
        return f"{mean.value:.3f}" + (f" ({percent(mean.teacher_kept)})" if evaluation.teacher else "")

    return tuple(
        FamilyRow(family, tasks, tuple(cell(family, system.name) for system in evaluation.systems))
        for family, tasks in measured_families(evaluation).items()
    )
