"""Fills the Jinja2 templates of `model_build/templates`. A variable that is not given is an error."""

import re
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from model_build.common.format import count_word, duration, percent, size, thousands


def render(template: str, contents: Mapping[str, object]) -> str:
    """Fill a template; HTML is escaped."""
    return _environment().get_template(template).render(contents)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("model_build"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for one in (percent, size, duration, thousands, count_word, quoted):
        environment.filters[one.__name__] = one
    environment.filters["cell"] = table_cell
    return environment


def table_cell(value: object) -> str:
    """Escape a value for a Markdown table."""
    return str(value).replace("|", "\\|").replace("\n", " ")


def quoted(text: str) -> str:
    """Escape untrusted text for a Markdown table, so that none of it is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#~&|])", r"\\\1", " ".join(text.split()))
