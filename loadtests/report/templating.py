"""Fills the templates. A name that a template asks for and isn't given is an error; texts are escaped."""

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
    """A text that means nothing to Markdown, on one line."""
    return _MARKDOWN.sub(r"\\\1", html.escape(" ".join(str(value).split()), quote=False))


def thousands(count: float) -> str:
    """A count for a reader: `1,910,000`."""
    return f"{count:,}"


def share(part: float | None) -> str:
    """A share from 0 to 1 in percent; `ABSENT` where there is none."""
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
