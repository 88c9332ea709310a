"""An evaluation as the rows of a report's tables; a cell for each system, in the order of the evaluation."""

from dataclasses import dataclass

from model_build.evaluation.aggregate import family_means, measured_families
from model_build.evaluation.result import EvaluationResult
from model_build.evaluation.tables import ABSENT, kept, percent
from model_build.evaluation.tasks.base import Family


@dataclass(frozen=True)
class QualityRow:
    """A figure of a task."""

    task: str
    metric: str
    split: str
    examples: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class KeptRow:
    """What is kept of another system's main figure of a task."""

    task: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class FamilyRow:
    """The mean of the main figures of a family's tasks."""

    family: str
    tasks: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Quality:
    """Everything that a report tells of an evaluation.

    Attributes:
        figures: every figure with its interval.
        teacher_kept: the share of the first teacher's figure, for each system; empty without a teacher.
        parent_kept: the share of the fp32 parent's figure, one cell: the artifact's; empty without a parent.
        families: means by family, with the share of the teacher's mean where there is a teacher.
    """

    figures: tuple[QualityRow, ...] = ()
    teacher_kept: tuple[KeptRow, ...] = ()
    parent_kept: tuple[KeptRow, ...] = ()
    families: tuple[FamilyRow, ...] = ()


def quality_of(evaluation: EvaluationResult | None) -> Quality:
    """The rows of an evaluation; none where nothing was measured."""
    if evaluation is None:
        return Quality()
    return Quality(_figures(evaluation), _teacher_kept(evaluation), _parent_kept(evaluation), _families(evaluation))


def _figures(evaluation: EvaluationResult) -> tuple[QualityRow, ...]:
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


def _parent_kept(evaluation: EvaluationResult) -> tuple[KeptRow, ...]:
    artifact, parent = evaluation.artifact, evaluation.parent
    if artifact is None or parent is None:
        return ()
    return tuple(KeptRow(task, (kept(evaluation, artifact.name, parent, task),)) for task in evaluation.tasks)


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
