"""Fills the templates. A name that a template asks for and isn't given is an error."""

import re
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from model_build.evaluation.tables import percent, size

_COUNTS = ("no", "one", "two", "three", "four", "five", "six")


def render(template: str, contents: Mapping[str, object]) -> str:
    """Fill a template of `model_build/templates`; HTML is escaped."""
    return _environment().get_template(template).render(contents)


def duration(seconds: float) -> str:
    """Seconds for a reader: `45 s`, `12 min 5 s`, `2 h 3 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("model_build"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        percent=percent,
        size=size,
        duration=duration,
        cell=table_cell,
        thousands=thousands,
        quoted=quoted,
        count_word=count_word,
    )
    return environment


def table_cell(value: object) -> str:
    """A value inside a Markdown table."""
    return str(value).replace("|", "\\|").replace("\n", " ")


def quoted(text: str) -> str:
    """A stranger's text inside a Markdown table: none of its characters is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#~&|])", r"\\\1", " ".join(text.split()))


def thousands(count: int) -> str:
    """A count for a reader: `1,910,000`."""
    return f"{count:,}"


def count_word(count: int) -> str:
    """A small count for a reader: `two`."""
    return _COUNTS[count] if count < len(_COUNTS) else thousands(count)
