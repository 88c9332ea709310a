"""The quality that a recipe asks for."""

from collections.abc import Collection, Mapping

from model_build.common.errors import GateError
from model_build.evaluation import EvaluationResult


def check_measured(gates: Mapping[str, float], tasks: Collection[str]) -> None:
    """Refuse gates on tasks that will not be measured.

    Args:
        gates: least values by task.
        tasks: what will be measured.

    Raises:
        GateError: a gate's task is not among them.
    """
    for task, least in gates.items():
        if task not in tasks:
            measured = ", ".join(tasks) or "nothing, for lack of evaluation.tasks or of a benchmark in the data folder"
            raise GateError(f"gates.quality.{task} asks for {least}, but what will be measured is {measured}")


def check_quality(gates: Mapping[str, float], result: EvaluationResult | None, name: str) -> None:
    """Refuse an artifact that is worse than the recipe allows.

    Raises:
        GateError: a figure is under its gate, or was not measured.
    """
    for task, least in gates.items():
        measured = result.headline(name, task) if result else None
        if measured is None:
            raise GateError(f"gates.quality.{task} asks for {least}, but {task} was not measured")
        if measured.value < least:
            raise GateError(f"{task}: {measured.metric} is {measured.value:.4f}; gates.quality.{task} asks for {least}")
