"""Fills the Jinja2 templates. A variable that is not given is an error; texts are escaped."""

import html
import re
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from loadtests.report.plot import ABSENT, number

_MARKDOWN = re.compile(r"([\\`*_\[\]|~])")


def render(template: str, contents: Mapping[str, object]) -> str:
    """Fill a template of `loadtests/report/templates`; HTML is escaped."""
    return _environment().get_template(template).render(contents)


def markdown(value: object) -> str:
    """Escape a text for Markdown, on one line."""
    return _MARKDOWN.sub(r"\\\1", html.escape(" ".join(str(value).split()), quote=False))


def thousands(count: float) -> str:
    """Format a count: `1,910,000`."""
    return f"{count:,}"


def share(part: float | None) -> str:
    """Format a share in percent; `ABSENT` for None."""
    return ABSENT if part is None else f"{100 * part:.1f} %"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("loadtests.report"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(number=number, share=share, thousands=thousands, markdown=markdown)
    return environment
