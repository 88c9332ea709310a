"""What an artifact had to reach, beside what it reached."""

from collections.abc import Mapping
from dataclasses import dataclass

from model_build.recipe import Recipe
from service.artifact.artifact import Manifest


@dataclass(frozen=True)
class Gate:
    """A bound.

    Attributes:
        name: `device bytes`, or a task.
        bound: at most so many bytes; at least so great a figure.
        value: what was reached; None where the artifact does not tell.
        holds: whether it was.
    """

    name: str
    bound: float
    value: float | None
    holds: bool


def gates_of(manifest: Manifest, recipe: Recipe | None) -> tuple[Gate, ...]:
    """The byte budget, which the artifact itself states, and the quality that a recipe asks for."""
    figures = {one.task: one.value for one in manifest.quality}
    asked: Mapping[str, float] = {} if recipe is None else recipe.gates.quality
    budget = manifest.byte_budget if recipe is None else recipe.gates.byte_budget
    bytes_ = Gate("device bytes", budget, manifest.device_bytes, manifest.device_bytes <= budget)
    return (bytes_, *(_least(task, least, figures.get(task)) for task, least in asked.items()))


def _least(task: str, least: float, value: float | None) -> Gate:
    return Gate(task, least, value, value is not None and value >= least)
