"""Read a recipe's file, of an encoder or of a task model, and apply overrides of the command line."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from model_build.common.errors import RecipeError
from model_build.recipe.arms import ArmsPlan
from model_build.recipe.base import Section
from model_build.recipe.messages import complaint
from model_build.recipe.recipe import Recipe
from model_build.recipe.task import TaskRecipe

Root = TypeVar("Root", bound=Section)


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read an encoder's recipe and apply `section.key=value` overrides; values are TOML, and a bare word is a string.

    Raises:
        RecipeError: unreadable file, invalid TOML, unknown or renamed key, or value out of range.
    """
    return _validated(path, Recipe, _document(path, overrides))


def load_any_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe | TaskRecipe:
    """Read a recipe as `load_recipe` does; with a section `[task]` it is a task model's.

    Raises:
        RecipeError: as there.
    """
    document = _document(path, overrides)
    return _validated(path, TaskRecipe, document) if "task" in document else _validated(path, Recipe, document)


def load_plan(path: Path, overrides: Sequence[str] = ()) -> ArmsPlan:
    """Read the plan of an ablation of task models as `load_recipe` does.

    Raises:
        RecipeError: as there.
    """
    return _validated(path, ArmsPlan, _document(path, overrides))


def _document(path: Path, overrides: Sequence[str]) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"recipe {path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"recipe {path} is not valid TOML: {error}") from None
    for override in overrides:
        _apply(document, override)
    return document


def _validated(path: Path, root: type[Root], document: dict[str, Any]) -> Root:
    try:
        return root.model_validate(document)
    except ValidationError as error:
        raise RecipeError(f"recipe {path}: {complaint(error, root)}") from None


def _apply(document: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise RecipeError(f"--set {override}: expected key=value, such as distillation.steps=100")
    *sections, last = key.strip().split(".")
    target = document
    for section in sections:
        target = target.setdefault(section, {})
        if not isinstance(target, dict):
            raise RecipeError(f"--set {override}: {section} is not a section")
    target[last] = _parse_value(value.strip())


def _parse_value(value: str) -> object:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
