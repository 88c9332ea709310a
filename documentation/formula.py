"""Equations of a page as MathML, which browsers show without a script: a fence `math` of LaTeX, as GitHub reads it."""

from typing import Any

from latex2mathml.converter import convert


def fence(
    source: str, _language: str, _classes: str, _options: dict[str, Any], _markdown: object, **_more: object
) -> str:
    """The equation as a block; a formatter of `pymdownx.superfences`."""
    return f'<div class="formula">{convert(source.strip(), display="block")}</div>'
