"""The result of an evaluation: measurements, shares of a reference, means by family, and their JSON form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from model_build.common.systems import Role
from model_build.evaluation.tasks.base import Family
from model_build.evaluation.tasks.registry import family_of
from service.artifact.artifact import Figure


@dataclass(frozen=True)
class Measurement:
    """One metric of one system on one task, over all examples of a split, with its 95 % bootstrap interval.

    It is from 0 to 1, a correlation from -1 to 1; each task has one main metric, its `headline`.
    """

    system: str
    task: str
    metric: str
    value: float
    low: float
    high: float
    examples: int
    split: str
    headline: bool


@dataclass(frozen=True)
class SystemSize:
    """A system that took part, with the bytes of the files that it needs at run time.

    The identity names everything that its vectors depend on; None if it has none or it was not recorded.
    """

    name: str
    role: Role
    bytes: int
    identity: str | None = None


@dataclass(frozen=True)
class Share:
    """An artifact's main metric as a share of a reference system's, with its 95 % paired bootstrap interval."""

    system: str
    reference: str
    task: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class EvaluationResult:
    """Everything that an evaluation measured; systems and tasks are in the order given.

    Attributes:
        measurements: none for a system that a task does not apply to.
        seed: of draws and intervals.
        limit: maximal number of examples per task; None for all.
        shares: of the first teacher and of the fp32 reference; none where one of the two has no metric, or where the
            reference's is not positive in every sample.
    """

    systems: tuple[SystemSize, ...]
    tasks: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    seed: int
    limit: int | None
    shares: tuple[Share, ...] = ()

    def headline(self, system: str, task: str) -> Measurement | None:
        """A system's main metric on a task, if it has one."""
        for measurement in self.measurements:
            if measurement.headline and (measurement.system, measurement.task) == (system, task):
                return measurement
        return None

    @property
    def teacher(self) -> SystemSize | None:
        """The first teacher, if there is one."""
        return self._first(Role.TEACHER)

    @property
    def fp32(self) -> SystemSize | None:
        """The artifact's fp32 reference, if it took part."""
        return self._first(Role.FP32)

    @property
    def artifact(self) -> SystemSize | None:
        """The artifact, if there is one."""
        return self._first(Role.ARTIFACT)

    def kept(self, system: str, reference: SystemSize | None, task: str) -> float | None:
        """Divide a system's main metric by a reference's; None if one is missing or the latter is not positive."""
        if reference is None:
            return None
        own, other = self.headline(system, task), self.headline(reference.name, task)
        if own is None or other is None or other.value <= 0.0:
            return None
        return own.value / other.value

    def share(self, system: str, reference: SystemSize | None, task: str) -> Share | None:
        """The share with its interval, if it was measured."""
        name = reference.name if reference else None
        wanted = (system, name, task)
        return next((one for one in self.shares if (one.system, one.reference, one.task) == wanted), None)

    def figures(self, system: str) -> tuple[Figure, ...]:
        """A system's main metrics as an artifact's manifest stores them."""
        return tuple(
            Figure(
                task=measurement.task,
                metric=measurement.metric,
                value=round(measurement.value, 4),
                split=measurement.split,
                examples=measurement.examples,
            )
            for measurement in self.measurements
            if measurement.headline and measurement.system == system
        )

    def with_artifact_bytes(self, artifact_bytes: int) -> "EvaluationResult":
        """Set the artifact's size: before publication it lacks the metrics that its manifest will hold."""
        return replace(
            self,
            systems=tuple(
                replace(system, bytes=artifact_bytes) if system.role is Role.ARTIFACT else system
                for system in self.systems
            ),
        )

    def _first(self, role: Role) -> SystemSize | None:
        return next((system for system in self.systems if system.role is role), None)


@dataclass(frozen=True)
class FamilyMean:
    """The mean of a system's main metrics over a family's measured tasks, also divided by the teacher's and fp32's."""

    family: Family
    tasks: tuple[str, ...]
    system: str
    value: float
    teacher_kept: float | None
    fp32_kept: float | None


def family_means(result: EvaluationResult) -> tuple[FamilyMean, ...]:
    """Means by family, for every system that was measured on each of the family's tasks."""
    return tuple(
        FamilyMean(
            family=family,
            tasks=tasks,
            system=system.name,
            value=value,
            teacher_kept=_ratio(value, _mean(result, result.teacher, tasks)),
            fp32_kept=_ratio(value, _mean(result, result.fp32, tasks)),
        )
        for family, tasks in measured_families(result).items()
        for system in result.systems
        if (value := _mean(result, system, tasks)) is not None
    )


def measured_families(result: EvaluationResult) -> dict[Family, tuple[str, ...]]:
    """The measured tasks by family, in the order of the families."""
    tasks = {family: tuple(task for task in result.tasks if family_of(task) is family) for family in Family}
    return {family: measured for family, measured in tasks.items() if measured}


def to_json(result: EvaluationResult) -> str:
    """The result as indented JSON, with what follows from it: shares by system and task, and family means."""
    document: Mapping[str, object] = {
        **asdict(result),
        "teacher_kept": _kept(result, result.teacher),
        "fp32_kept": _kept(result, result.fp32),
        "families": [asdict(mean) for mean in family_means(result)],
    }
    return json.dumps(document, indent=2) + "\n"


def from_json(text: str) -> EvaluationResult:
    """Read what `to_json` wrote; derived values are ignored.

    Raises:
        ValueError: the text is not such a result.
    """
    return TypeAdapter(EvaluationResult).validate_json(text)


def _mean(result: EvaluationResult, system: SystemSize | None, tasks: Sequence[str]) -> float | None:
    found = [result.headline(system.name, task) for task in tasks] if system else []
    values = [one.value for one in found if one is not None]
    return sum(values) / len(values) if values and len(values) == len(found) else None


def _ratio(value: float, reference: float | None) -> float | None:
    return value / reference if reference is not None and reference > 0.0 else None


def _kept(result: EvaluationResult, reference: SystemSize | None) -> dict[str, dict[str, float]]:
    shares = {
        system.name: {task: result.kept(system.name, reference, task) for task in result.tasks}
        for system in result.systems
        if reference is not None and system != reference
    }
    return {
        system: {task: round(share, 4) for task, share in row.items() if share is not None}
        for system, row in shares.items()
    }
