"""The families of tasks, each summed up in one number a system."""

from collections.abc import Sequence
from dataclasses import dataclass

from model_build.evaluation.result import EvaluationResult, SystemSize
from model_build.evaluation.tasks.base import Family
from model_build.evaluation.tasks.registry import family_of


@dataclass(frozen=True)
class FamilyMean:
    """A system's main figures of one family.

    Attributes:
        family: which.
        tasks: that were measured of it.
        system: the system's name.
        value: mean of its main figures of all of these tasks.
        teacher_kept: that mean as a share of the first teacher's, where there is one.
        parent_kept: that mean as a share of the fp32 parent's, where there is one.
    """

    family: Family
    tasks: tuple[str, ...]
    system: str
    value: float
    teacher_kept: float | None
    parent_kept: float | None


def family_means(result: EvaluationResult) -> tuple[FamilyMean, ...]:
    """Family by family, every system that has a figure of each of the family's tasks."""
    return tuple(
        FamilyMean(
            family=family,
            tasks=tasks,
            system=system.name,
            value=value,
            teacher_kept=_share(value, _mean(result, result.teacher, tasks)),
            parent_kept=_share(value, _mean(result, result.parent, tasks)),
        )
        for family, tasks in measured_families(result).items()
        for system in result.systems
        if (value := _mean(result, system, tasks)) is not None
    )


def measured_families(result: EvaluationResult) -> dict[Family, tuple[str, ...]]:
    """The measured tasks by family, in the order of the families."""
    tasks = {family: tuple(task for task in result.tasks if family_of(task) is family) for family in Family}
    return {family: measured for family, measured in tasks.items() if measured}


def _mean(result: EvaluationResult, system: SystemSize | None, tasks: Sequence[str]) -> float | None:
    found = [result.headline(system.name, task) for task in tasks] if system else []
    values = [one.value for one in found if one is not None]
    return sum(values) / len(values) if values and len(values) == len(found) else None


def _share(value: float, reference: float | None) -> float | None:
    return value / reference if reference is not None and reference > 0.0 else None
