"""What an evaluation found."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from model_build.evaluation.system import Role
from service.artifact import Figure


@dataclass(frozen=True)
class Measurement:
    """One figure.

    Attributes:
        system: the system's name.
        task: the task's name.
        metric: what was measured, for example `NDCG@10`; from 0 to 1, for a correlation from -1 to 1.
        value: over all examples.
        low: lower end of the 95 % bootstrap interval over examples.
        high: its upper end.
        examples: how many.
        split: which.
        headline: whether it is the task's main figure.
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
    """A system that took part, and the bytes of the files that it needs at run time."""

    name: str
    role: Role
    bytes: int


@dataclass(frozen=True)
class EvaluationResult:
    """All figures of an evaluation.

    Attributes:
        systems: in the order in which they were given.
        tasks: in the order in which they were asked for.
        measurements: a system's figures of a task are missing where the task can't be put to it.
        seed: of draws and intervals.
        limit: most examples of a task, if it was limited.
    """

    systems: tuple[SystemSize, ...]
    tasks: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    seed: int
    limit: int | None

    def headline(self, system: str, task: str) -> Measurement | None:
        """A system's main figure of a task, if it has one."""
        for measurement in self.measurements:
            if measurement.headline and (measurement.system, measurement.task) == (system, task):
                return measurement
        return None

    @property
    def teacher(self) -> SystemSize | None:
        """The first teacher, if one took part."""
        return next((system for system in self.systems if system.role is Role.TEACHER), None)

    def teacher_kept(self, system: str, task: str) -> float | None:
        """Share of the teacher's main figure that a system reaches (1 is all of it), where both have one."""
        if self.teacher is None:
            return None
        own, teacher = self.headline(system, task), self.headline(self.teacher.name, task)
        if own is None or teacher is None or teacher.value <= 0.0:
            return None
        return own.value / teacher.value

    def figures(self, system: str) -> tuple[Figure, ...]:
        """A system's main figures in the form of an artifact's manifest."""
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


def to_json(result: EvaluationResult) -> str:
    """The result as indented JSON, with the share of the teacher that each system keeps."""
    document: Mapping[str, object] = {**asdict(result), "teacher_kept": _kept(result)}
    return json.dumps(document, indent=2) + "\n"


def from_json(text: str) -> EvaluationResult:
    """The result that `to_json` wrote.

    Raises:
        ValueError: the text is not such a result.
    """
    return TypeAdapter(EvaluationResult).validate_json(text)


def _kept(result: EvaluationResult) -> dict[str, dict[str, float]]:
    shares = {
        system.name: {task: result.teacher_kept(system.name, task) for task in result.tasks}
        for system in result.systems
        if result.teacher is not None and system != result.teacher
    }
    return {
        system: {task: round(share, 4) for task, share in row.items() if share is not None}
        for system, row in shares.items()
    }
