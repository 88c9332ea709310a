"""The reference pages that are written from the source."""

from collections.abc import Callable, Mapping
from pathlib import Path

from documentation import cli, errors, http_api, metrics, python_api, recipe, settings

DOCS = Path(__file__).parents[1] / "docs"

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/http-api.md": http_api.page,
    "reference/errors.md": errors.page,
    "reference/settings.md": settings.page,
    "reference/metrics.md": metrics.page,
    "reference/recipe.md": recipe.page,
    "reference/task-recipe.md": recipe.task_page,
    "reference/cli.md": cli.page,
    "reference/python-api.md": python_api.page,
}
"""The function that writes each page, by the page's path below `docs/`."""
