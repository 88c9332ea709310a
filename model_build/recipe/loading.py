"""Reading a recipe's file, with values replaced on the command line."""

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from model_build.errors import RecipeError
from model_build.recipe.recipe import Recipe


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe and apply `section.key=value` overrides, whose values are TOML (a bare word is a string).

    Raises:
        RecipeError: unreadable file, invalid TOML, unknown key or value out of range.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"recipe {path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"recipe {path} is not valid TOML: {error}") from None
    for override in overrides:
        _apply(document, override)
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "recipe"
        told = _unknown_key(first["loc"]) if first["type"] == "extra_forbidden" else first["msg"]
        raise RecipeError(f"recipe {path}: {where}: {told}") from None


def _unknown_key(location: Sequence[str | int]) -> str:
    """That a recipe has no such key, and the one that may have been meant."""
    section: Any = Recipe
    for part in location[:-1]:
        if isinstance(part, str):
            section = _section_of(section.model_fields[part].annotation)
    meant = difflib.get_close_matches(str(location[-1]), section.model_fields, n=1)
    return f"there is no such key{f'; did you mean {meant[0]}?' if meant else ''}"


def _section_of(annotation: Any) -> Any:  # noqa: ANN401 (a type, as pydantic keeps it)
    """The section that a key holds: itself, or the one of a tuple of sections."""
    return next((part for part in get_args(annotation) if hasattr(part, "model_fields")), annotation)


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
