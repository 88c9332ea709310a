"""Every system on every task."""

from collections.abc import Sequence
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from model_build.evaluation.errors import EvaluationError
from model_build.evaluation.metrics import bootstrap_interval
from model_build.evaluation.result import EvaluationResult, Measurement, SystemSize
from model_build.evaluation.system import EmbeddingSystem, System
from model_build.evaluation.task import Outcome, Problem
from model_build.evaluation.tasks import DEFAULT_TASKS, task_named
from model_build.evaluation.vectors import DistinctTexts, VectorCache


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
    measurements = [
        _measurement(system.name, name, outcome, seed)
        for name, problem in problems.items()
        for system in systems
        for outcome in _measure(problem, system, f"{name}, {system.name}", store, progress)
    ]
    return EvaluationResult(
        systems=tuple(SystemSize(system.name, system.role, system.bytes) for system in systems),
        tasks=tuple(problems),
        measurements=tuple(measurements),
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


def _measurement(system: str, task: str, outcome: Outcome, seed: int) -> Measurement:
    interval = bootstrap_interval(outcome.statistic, outcome.examples, seed=seed)
    return Measurement(
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
