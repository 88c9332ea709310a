"""A recipe's first validation error as one line: the key, its value, and what was probably meant."""

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from model_build.recipe.base import Section
from model_build.recipe.recipe import Recipe
from model_build.recipe.renamed import renamed

_MIN_SIMILARITY = 0.6
_SHOWN = 60  # characters of a value


def complaint(error: ValidationError, root: type[Section] = Recipe) -> str:
    """Describe the first error of a recipe of the class `root`, and count the others."""
    every = error.errors(include_url=False)
    more = f" (and {len(every) - 1} more)" if len(every) > 1 else ""
    return _line(every[0], root) + more


def _line(error: ErrorDetails, root: type[Section]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "recipe"
    match error["type"]:
        case "extra_forbidden":
            return f"{where}: {renamed(where) or 'there is no such key' + _suggestion(error['loc'], root)}"
        case "missing":
            return f"{where} is missing"
        case "value_error":
            return f"{where}: {error['msg'].removeprefix('Value error, ')}"
        case "tuple_type":
            return f"{where}: Input should be a list in square brackets{_value(error['input'])}"
        case "model_type":
            return f"{where}: Input should be a section of the recipe{_value(error['input'])}"
        case _:
            return f"{where}: {error['msg']}{_value(error['input'])}"


def _value(value: object) -> str:
    """Show a value as TOML writes it."""
    if not isinstance(value, str | int | float):
        return ""
    shown = json.dumps(value, ensure_ascii=False)
    return f"; it is {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'}"


def _suggestion(where: Sequence[str | int], root: type[Section]) -> str:
    """Suggest the most similar key: of the same section, or else of any other."""
    *sections, key = where
    own = _section_at(sections, root).model_fields
    near = get_close_matches(str(key), own, n=1, cutoff=_MIN_SIMILARITY)
    if near:
        return f"; did you mean {'.'.join(map(str, [*sections, near[0]]))}?"
    everywhere = dict(_keys(root))
    elsewhere = get_close_matches(str(key), everywhere, n=1, cutoff=_MIN_SIMILARITY)
    if elsewhere:
        return f"; did you mean {everywhere[elsewhere[0]]}?"
    return f"; the keys there are {', '.join(own)}"


def _section_at(where: Sequence[str | int], root: type[Section]) -> type[Section]:
    section = root
    for part in where:
        if isinstance(part, str):
            section = _section_of(section.model_fields[part].annotation) or section
    return section


def _section_of(annotation: object) -> type[Section] | None:
    """Return the section that a field holds, alone or in a list."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def _keys(section: type[Section], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield every key's last part and the whole key."""
    for name, field in section.model_fields.items():
        yield name, before + name
        inner = _section_of(field.annotation)
        if inner is not None:
            yield from _keys(inner, f"{before}{name}.")
