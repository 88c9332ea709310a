"""Measures every system on every task."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from model_build.common.errors import EvaluationError
from model_build.common.systems import EmbeddingSystem, Role, System
from model_build.evaluation.cache import DistinctTexts, VectorCache
from model_build.evaluation.metrics import bootstrap, percentile_interval, share_interval
from model_build.evaluation.result import EvaluationResult, Measurement, Share, SystemSize
from model_build.evaluation.tasks.base import Problem, TaskMetric
from model_build.evaluation.tasks.registry import DEFAULT_TASKS, task_named


def evaluate(
    systems: Sequence[System],
    data: Path,
    tasks: Sequence[str] = DEFAULT_TASKS,
    *,
    seed: int = 0,
    limit: int | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> EvaluationResult:
    """Measure systems on tasks. All tasks are read before the first is measured.

    Args:
        systems: to compare, with distinct names.
        data: the folder that holds `benchmark/`.
        tasks: names of tasks.
        seed: of the draws of examples and of the intervals.
        limit: maximal number of examples per task, or None for all.
        cache: folder that keeps vectors between runs, or None.
        progress: shows how many texts are embedded, or None.

    Raises:
        UnknownTaskError: a task does not exist.
        DataError: a task's files are missing or have another layout than expected.
        EvaluationError: two systems have the same name.
    """
    names = [system.name for system in systems]
    if len(set(names)) < len(names):
        raise EvaluationError(f"systems need different names; these are {', '.join(names)}")
    chosen = [task_named(name) for name in dict.fromkeys(tasks)]
    problems = {task.name: task.load(data, limit=limit, seed=seed) for task in chosen}
    store = VectorCache(cache) if cache else None
    found = [
        _resampled(system.name, name, metric, seed)
        for name, problem in problems.items()
        for system in systems
        for metric in _measure(problem, system, f"{name}, {system.name}", store, progress)
    ]
    return EvaluationResult(
        systems=tuple(_described(system) for system in systems),
        tasks=tuple(problems),
        measurements=tuple(one.measurement for one in found),
        shares=tuple(_shares(systems, found)),
        seed=seed,
        limit=limit,
    )


def _described(system: System) -> SystemSize:
    identity = system.identity if isinstance(system, EmbeddingSystem) else None
    return SystemSize(system.name, system.role, system.bytes, identity)


def _measure(
    problem: Problem, system: System, title: str, store: VectorCache | None, progress: Progress | None
) -> tuple[TaskMetric, ...]:
    if not isinstance(system, EmbeddingSystem):
        return problem.measure(system)
    if progress is None:
        return problem.measure(DistinctTexts(system, store))
    bar = progress.add_task(title, total=None)

    def advance(done: int, total: int) -> None:
        progress.update(bar, completed=done, total=total)

    metrics = problem.measure(DistinctTexts(system, store, advance))
    progress.remove_task(bar)
    return metrics


@dataclass(frozen=True)
class _Resampled:
    """A measurement with its value over each bootstrap sample."""

    measurement: Measurement
    samples: NDArray[np.float64]


def _resampled(system: str, task: str, metric: TaskMetric, seed: int) -> _Resampled:
    samples = bootstrap(metric.statistic, metric.examples, seed=seed)
    interval = percentile_interval(samples)
    measurement = Measurement(
        system=system,
        task=task,
        metric=metric.metric,
        value=metric.value,
        low=interval.low,
        high=interval.high,
        examples=metric.examples,
        split=metric.split,
        headline=metric.headline,
    )
    return _Resampled(measurement, samples)


def _shares(systems: Sequence[System], found: Sequence[_Resampled]) -> Iterator[Share]:
    """Each artifact's share of the first teacher and of its fp32 reference, by task."""
    headlines = {(one.measurement.system, one.measurement.task): one for one in found if one.measurement.headline}
    references = [
        next((system.name for system in systems if system.role is role), None) for role in (Role.TEACHER, Role.FP32)
    ]
    for (system, task), own in headlines.items():
        if not any(one.name == system and one.role is Role.ARTIFACT for one in systems):
            continue
        for reference in references:
            other = headlines.get((reference, task)) if reference else None
            interval = share_interval(own.samples, other.samples) if other else None
            if reference and other and interval:
                value = own.measurement.value / other.measurement.value
                yield Share(system, reference, task, value, interval.low, interval.high)
