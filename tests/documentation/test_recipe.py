import pytest

from documentation.recipe import meanings, page, sections, task_page
from model_build.recipe import Recipe
from model_build.recipe.base import Count, Section
from model_build.recipe.task import TaskRecipe


def test_every_key_of_every_section_has_a_row() -> None:
    for recipe, written in ((Recipe, page()), (TaskRecipe, task_page())):
        for name, section in sections(recipe):
            assert all(f"| `{key}` |" in written for key in meanings(name, section))


def test_a_key_without_a_description_is_an_error() -> None:
    class Bare(Section):
        """A section."""

        steps: Count = 1

    with pytest.raises(ValueError, match="not described: steps"):
        meanings("bare", Bare)


def test_a_description_without_a_key_is_an_error() -> None:
    class Stale(Section):
        """A section.

        Attributes:
            steps: how many.
            rate: gone.
        """

        steps: Count = 1

    with pytest.raises(ValueError, match="and no keys: rate"):
        meanings("stale", Stale)
