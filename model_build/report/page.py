"""Writes a page as Markdown with its plots beside it, and as one HTML file that needs nothing else."""

import base64
from collections.abc import Mapping
from pathlib import Path

from model_build.report.templating import render

PLOTS = "plots"


def write_page(name: str, contents: Mapping[str, object], drawn: Mapping[str, str], folder: Path) -> None:
    """Write `NAME.md`, `plots/*.svg` and `NAME.html` into a folder, which is made where it lacks.

    Args:
        name: of the page and of its templates.
        contents: what the templates ask for, but for the plots.
        drawn: plots as SVG documents, by their names.
        folder: where to.
    """
    place = folder / PLOTS
    place.mkdir(parents=True, exist_ok=True)
    for plot, svg in drawn.items():
        (place / f"{plot}.svg").write_text(svg, encoding="utf-8")
    linked = {plot: f"{PLOTS}/{plot}.svg" for plot in drawn}
    inlined = {plot: _data_url(svg) for plot, svg in drawn.items()}
    for form, pictures in (("md", linked), ("html", inlined)):
        text = render(f"{name}.{form}.j2", {**contents, "plots": pictures})
        (folder / f"{name}.{form}").write_text(text, encoding="utf-8")


def _data_url(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
