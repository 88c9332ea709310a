"""The reference pages are what the source says, and no page names what does not exist."""

import re
import tomllib
from collections.abc import Iterator

import pytest

from documentation.pages import DOCS, PAGES
from documentation.recipe import sections
from model_build.recipe import Recipe
from model_build.recipe.renamed import REMOVED
from model_build.recipe.task import TaskRecipe
from service.settings import RENAMED, RETIRED, Settings

ROOT = DOCS.parent
WRITTEN = sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))
OTHER_VARIABLES = {"EDGE_RANK_API_KEY"}
"""Variables that are no settings of the service."""
KEYS = {
    f"{name.removesuffix('[]')}.{key}"
    for recipe in (Recipe, TaskRecipe)
    for name, section in sections(recipe)
    if name
    for key in section.model_fields
}

NO_KEYS = {"distillation.step", "student.pt", "own-classifier.toml", *REMOVED}
"""Words that look like keys: files, the misspelling that a message corrects, and keys of earlier versions."""
NO_METRICS = {"requests_limit", "fleet"}
"""A metric of an earlier release, and what the metrics of a load test begin with."""


def test_the_committed_pages_are_what_the_source_says() -> None:
    stale = [name for name, page in PAGES.items() if (DOCS / name).read_text(encoding="utf-8") != page()]
    assert stale == [], "run `make generated`"


@pytest.mark.parametrize("name", WRITTEN)
def test_every_setting_that_a_page_names_exists(name: str) -> None:
    known = {f"EDGE_RANK_{field.upper()}" for field in (*Settings.model_fields, *RETIRED, *RENAMED)} | OTHER_VARIABLES
    named = set(re.findall(r"\bEDGE_RANK_[A-Z_]*[A-Z]\b", _text(name)))
    assert named <= known


@pytest.mark.parametrize("name", WRITTEN)
def test_every_recipe_key_that_a_page_names_exists(name: str) -> None:
    code = " ".join(re.findall(r"`[^`\n]+`|--set '?[\w.]+", _text(name)))
    named = set(re.findall(rf"(?<![\w./-])((?:{'|'.join(_tables())})\.[a-z_]+)(?![\w.(/])", code))
    assert named - KEYS <= NO_KEYS


@pytest.mark.parametrize("name", WRITTEN)
def test_every_metric_that_a_page_names_exists(name: str) -> None:
    exported = (DOCS / "reference" / "metrics.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`edge_rank_([a-z_]+[a-z])", _text(name)))
    assert [one for one in named - NO_METRICS if f"`edge_rank_{one}" not in exported] == []


def test_every_page_is_in_the_navigation() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    assert sorted(_leaves(nav)) == WRITTEN


def _tables() -> list[str]:
    fields = Recipe.model_fields | TaskRecipe.model_fields
    return [name for name, field in fields.items() if field.annotation not in (str, int)]


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _leaves(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, list):
        for one in nav:
            yield from _leaves(one)
    elif isinstance(nav, dict):
        for one in nav.values():
            yield from _leaves(one)
