"""The quality that a recipe asks for."""

from collections.abc import Mapping

from model_build.errors import GateError
from model_build.evaluation import EvaluationResult


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
