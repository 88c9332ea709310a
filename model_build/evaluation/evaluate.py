"""Every system on every task."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from model_build.common.systems import EmbeddingSystem, Role, System
from model_build.evaluation.cache import DistinctTexts, VectorCache
from model_build.evaluation.errors import EvaluationError
from model_build.evaluation.metrics import bootstrap_figures, central_interval, share_interval
from model_build.evaluation.result import EvaluationResult, Measurement, Share, SystemSize
from model_build.evaluation.tasks.base import Outcome, Problem
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
    """Measure systems on tasks; all tasks are read before the first is measured.

    Args:
        systems: to compare, of different names.
        data: the folder that holds `benchmark/`.
        tasks: names of tasks.
        seed: of the draws of examples and of the intervals.
        limit: most examples of a task, or None for all.
        cache: a folder to keep vectors in between runs, or None.
        progress: shows the texts embedded, or None for no display.

    Raises:
        UnknownTaskError: a name is not a task's.
        DataError: a task's files are missing or aren't laid out as expected.
        EvaluationError: two systems have the same name.
    """
    names = [system.name for system in systems]
    if len(set(names)) < len(names):
        raise EvaluationError(f"systems need different names; these are {', '.join(names)}")
    chosen = [task_named(name) for name in dict.fromkeys(tasks)]
    problems = {task.name: task.load(data, limit=limit, seed=seed) for task in chosen}
    store = VectorCache(cache) if cache else None
    found = [
        _resampled(system.name, name, outcome, seed)
        for name, problem in problems.items()
        for system in systems
        for outcome in _measure(problem, system, f"{name}, {system.name}", store, progress)
    ]
    return EvaluationResult(
        systems=tuple(_described(system) for system in systems),
        tasks=tuple(problems),
        measurements=tuple(one.measurement for one in found),
        shares=tuple(_shares(systems, found)),
        seed=seed,
        limit=limit,
    )


def embedding_progress(*, visible: bool) -> Progress:
    """A progress bar of texts; give it a terminal or hide it."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        transient=True,
        disable=not visible,
    )


def _described(system: System) -> SystemSize:
    identity = system.identity if isinstance(system, EmbeddingSystem) else None
    return SystemSize(system.name, system.role, system.bytes, identity)


def _measure(
    problem: Problem, system: System, title: str, store: VectorCache | None, progress: Progress | None
) -> tuple[Outcome, ...]:
    if not isinstance(system, EmbeddingSystem):
        return problem.measure(system)
    if progress is None:
        return problem.measure(DistinctTexts(system, store))
    bar = progress.add_task(title, total=None)
    outcomes = problem.measure(DistinctTexts(system, store, _Bar(progress, bar)))
    progress.remove_task(bar)
    return outcomes


class _Bar:
    def __init__(self, progress: Progress, bar: TaskID) -> None:
        self._progress = progress
        self._bar = bar

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._bar, completed=done, total=total)


@dataclass(frozen=True)
class _Resampled:
    """A figure, and what it is over each of the bootstrap's samples."""

    measurement: Measurement
    figures: NDArray[np.float64]


def _resampled(system: str, task: str, outcome: Outcome, seed: int) -> _Resampled:
    figures = bootstrap_figures(outcome.statistic, outcome.examples, seed=seed)
    interval = central_interval(figures)
    measurement = Measurement(
        system=system,
        task=task,
        metric=outcome.metric,
        value=outcome.value,
        low=interval.low,
        high=interval.high,
        examples=outcome.examples,
        split=outcome.split,
        headline=outcome.headline,
    )
    return _Resampled(measurement, figures)


def _shares(systems: Sequence[System], found: Sequence[_Resampled]) -> Iterator[Share]:
    """What each artifact keeps of the first teacher and of its parent, by task."""
    headlines = {(one.measurement.system, one.measurement.task): one for one in found if one.measurement.headline}
    references = [
        next((system.name for system in systems if system.role is role), None) for role in (Role.TEACHER, Role.PARENT)
    ]
    for (system, task), own in headlines.items():
        if not any(one.name == system and one.role is Role.ARTIFACT for one in systems):
            continue
        for reference in references:
            theirs = headlines.get((reference, task)) if reference else None
            interval = share_interval(own.figures, theirs.figures) if theirs else None
            if reference and theirs and interval:
                value = own.measurement.value / theirs.measurement.value
                yield Share(system, reference, task, value, interval.low, interval.high)
