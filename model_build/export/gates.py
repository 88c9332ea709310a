"""The gates of a recipe: the byte budget and the least quality of an artifact."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from model_build.common.errors import BudgetError, GateError
from model_build.evaluation.result import EvaluationResult
from model_build.recipe import Recipe
from service.artifact.artifact import Manifest


@dataclass(frozen=True)
class Gate:
    """A bound: the most `device bytes`, or the least figure of a task; the value is None where that is unknown."""

    name: str
    bound: float
    value: float | None
    holds: bool


def gates_of(manifest: Manifest, recipe: Recipe | None) -> tuple[Gate, ...]:
    """List the byte budget, which the artifact itself states, and the recipe's quality gates, if any."""
    figures = {one.task: one.value for one in manifest.quality}
    quality: Mapping[str, float] = {} if recipe is None else recipe.gates.quality
    budget = manifest.byte_budget if recipe is None else recipe.gates.byte_budget
    bytes_ = Gate("device bytes", budget, manifest.device_bytes, manifest.device_bytes <= budget)
    return (bytes_, *(_least(task, least, figures.get(task)) for task, least in quality.items()))


def check_budget(device_bytes: int, budget: int, advice: str = "lower vocabulary.size or the student's shape") -> None:
    """Check the device files' bytes.

    Raises:
        BudgetError: they exceed the budget.
    """
    if device_bytes > budget:
        over = device_bytes - budget
        raise BudgetError(
            f"the device files take {device_bytes:,} bytes, {over:,} over gates.byte_budget ({budget:,}); {advice}"
        )


def check_measured(gates: Mapping[str, float], tasks: Collection[str]) -> None:
    """Check that every gated task will be measured.

    Raises:
        GateError: a gate's task is not among those that will be.
    """
    for task, least in gates.items():
        if task not in tasks:
            measured = ", ".join(tasks) or "nothing, for lack of evaluation.tasks or of a benchmark in the data folder"
            raise GateError(f"gates.quality.{task} asks for {least}, but what will be measured is {measured}")


def check_quality(gates: Mapping[str, float], result: EvaluationResult | None, name: str) -> None:
    """Check an artifact's figures.

    Raises:
        GateError: one is below its gate, or was not measured.
    """
    for task, least in gates.items():
        measured = result.headline(name, task) if result else None
        if measured is None:
            raise GateError(f"gates.quality.{task} asks for {least}, but {task} was not measured")
        if measured.value < least:
            raise GateError(f"{task}: {measured.metric} is {measured.value:.4f}; gates.quality.{task} asks for {least}")


def _least(task: str, least: float, value: float | None) -> Gate:
    return Gate(task, least, value, value is not None and value >= least)
