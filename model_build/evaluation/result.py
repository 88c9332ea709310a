"""What an evaluation found."""

from dataclasses import dataclass, replace

from model_build.common.systems import Role
from service.artifact.artifact import Figure


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
    """A system that took part.

    Attributes:
        name: unique within the evaluation.
        role: what it is in the comparison.
        bytes: of the files that it needs at run time.
        identity: of everything that its vectors depend on; None where it has no vectors, or where that was not kept.
    """

    name: str
    role: Role
    bytes: int
    identity: str | None = None


@dataclass(frozen=True)
class Share:
    """How much of another system's main figure an artifact keeps; 1 is all of it.

    Attributes:
        system: the artifact's name.
        reference: the other's: the first teacher's, or the fp32 parent's.
        task: the task's name.
        value: over all examples.
        low: lower end of the 95 % paired bootstrap interval: both figures over the same samples of the same examples.
        high: its upper end.
    """

    system: str
    reference: str
    task: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class EvaluationResult:
    """All figures of an evaluation.

    Attributes:
        systems: in the order in which they were given.
        tasks: in the order in which they were asked for.
        measurements: a system's figures of a task are missing where the task can't be put to it.
        seed: of draws and intervals.
        limit: most examples of a task, if it was limited.
        shares: what the artifact keeps of the first teacher and of its parent; missing where one of the two has no
            figure, or where the other's is not positive in every sample.
    """

    systems: tuple[SystemSize, ...]
    tasks: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    seed: int
    limit: int | None
    shares: tuple[Share, ...] = ()

    def headline(self, system: str, task: str) -> Measurement | None:
        """A system's main figure of a task, if it has one."""
        for measurement in self.measurements:
            if measurement.headline and (measurement.system, measurement.task) == (system, task):
                return measurement
        return None

    @property
    def teacher(self) -> SystemSize | None:
        """The first teacher, if one took part."""
        return self._first(Role.TEACHER)

    @property
    def parent(self) -> SystemSize | None:
        """The artifact's fp32 parent, if it took part."""
        return self._first(Role.PARENT)

    @property
    def artifact(self) -> SystemSize | None:
        """The artifact, if one took part."""
        return self._first(Role.ARTIFACT)

    def kept(self, system: str, reference: SystemSize | None, task: str) -> float | None:
        """Share of another system's main figure that a system reaches (1 is all of it), where both have one."""
        if reference is None:
            return None
        own, theirs = self.headline(system, task), self.headline(reference.name, task)
        if own is None or theirs is None or theirs.value <= 0.0:
            return None
        return own.value / theirs.value

    def teacher_kept(self, system: str, task: str) -> float | None:
        """Share of the first teacher's main figure that a system reaches."""
        return self.kept(system, self.teacher, task)

    def parent_kept(self, system: str, task: str) -> float | None:
        """Share of the fp32 parent's main figure that a system reaches."""
        return self.kept(system, self.parent, task)

    def share(self, system: str, reference: SystemSize | None, task: str) -> Share | None:
        """That share with its interval, where it has one."""
        name = reference.name if reference else None
        wanted = (system, name, task)
        return next((one for one in self.shares if (one.system, one.reference, one.task) == wanted), None)

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

    def with_artifact_bytes(self, artifact_bytes: int) -> "EvaluationResult":
        """The same figures, the artifact's size set: what was measured before its publication lacked its figures."""
        return replace(
            self,
            systems=tuple(
                replace(system, bytes=artifact_bytes) if system.role is Role.ARTIFACT else system
                for system in self.systems
            ),
        )

    def _first(self, role: Role) -> SystemSize | None:
        return next((system for system in self.systems if system.role is role), None)
