"""`docs/reference/recipe.md` and `task-recipe.md`, from the sections in `model_build/recipe`."""

import json
from collections.abc import Iterator
from typing import get_args

from pydantic.fields import FieldInfo

from documentation.docstrings import entries, summary
from documentation.markdown import code, sentence, table
from documentation.schema import Schemas
from model_build.recipe import Recipe
from model_build.recipe.arms import ArmsPlan, PlannedTask
from model_build.recipe.base import Section
from model_build.recipe.task import TaskRecipe

_HEAD = """\
# Recipe keys

Written by `make generated` from `model_build/recipe`.

A recipe is a TOML file; each section below is a table of it. `--set section.key=value` replaces a value on the command
line. A key that is not listed here is refused, and so is a value of another type.

"""

_TASK_HEAD = """\
# Recipe keys of task models

Written by `make generated` from `model_build/recipe`.

A recipe with a section `[task]` makes a classifier. `--set section.key=value` replaces a value on the command line. A
key that is not listed here is refused, and so is a value of another type. Below are the keys of the plans of
`model-build ablate-tasks`.

"""
_PLAN_HEAD = """
# Keys of plans

"""


def page() -> str:
    """The page; the same recipe language gives the same text."""
    return _HEAD + "\n".join(_section(name, section) for name, section in sections(Recipe))


def task_page() -> str:
    """The page of task models' recipes and of the plans that compare them."""
    recipe = "\n".join(_section(name, section) for name, section in sections(TaskRecipe))
    return _TASK_HEAD + recipe + _PLAN_HEAD + _section("", ArmsPlan) + "\n" + _section("tasks.NAME", PlannedTask)


def sections(section: type[Section], name: str = "", suffix: str = "") -> Iterator[tuple[str, type[Section]]]:
    """A section and those within it, each with the TOML header that begins it; the recipe's own keys have none."""
    yield name + suffix, section
    for key, field in section.model_fields.items():
        inner, many = inner_section(field)
        if inner is not None:
            whole = f"{name}.{key}" if name else key
            yield from sections(inner, whole, "[]" if many else "")


def inner_section(field: FieldInfo) -> tuple[type[Section] | None, bool]:
    """The section that a key holds, if it holds one, and whether it holds a list of them."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind, kind is not field.annotation
    return None, False


def meanings(name: str, section: type[Section]) -> dict[str, str]:
    """What each key of a section decides, from the section's docstring; keys that hold sections are left out.

    Raises:
        ValueError: a key is not described, or a description has no key.
    """
    described = entries(section.__doc__, "Attributes")
    keys = {key for key, field in section.model_fields.items() if inner_section(field)[0] is None}
    missing = keys - described.keys()
    if missing:
        raise ValueError(f"{name or 'the recipe'}: not described: {', '.join(sorted(missing))}")
    unknown = described.keys() - section.model_fields.keys()
    if unknown:
        raise ValueError(f"{name or 'the recipe'}: described, and no keys: {', '.join(sorted(unknown))}")
    return {key: described[key] for key in section.model_fields if key in keys}


def _section(name: str, section: type[Section]) -> str:
    document = section.model_json_schema()
    schemas = Schemas(document)
    header = f"[[{name.removesuffix('[]')}]]" if name.endswith("[]") else f"[{name}]"
    heading = f"## `{header}`" if name else "## Top level"
    rows = [
        (
            code(key),
            schemas.kind(document["properties"][key]),
            "required" if section.model_fields[key].is_required() else code(_value(section.model_fields[key])),
            sentence(text),
        )
        for key, text in meanings(name, section).items()
    ]
    about = summary(section.__doc__)
    return f"{heading}\n\n{about}\n\n{table(('key', 'type', 'default', 'meaning'), rows)}"


def _value(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    return json.dumps(value, ensure_ascii=False)
