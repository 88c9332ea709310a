"""Writes a page as Markdown with separate plots, and as one self-contained HTML file."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path

from model_build.common.templates import render
from model_build.report.canvas import NARROW, WIDE, Layout

PLOTS = "plots"


def write_page(
    name: str,
    contents: Mapping[str, object],
    draw: Callable[[Layout], Mapping[str, str]],
    folder: Path,
    *,
    template: str | None = None,
) -> None:
    """Write `NAME.md`, `plots/*.svg` and `NAME.html` into a folder, which is made if missing.

    `draw` draws the plots in a layout, as SVG documents by name. The templates are `TEMPLATE.md.j2` and
    `TEMPLATE.html.j2`, by default those of the name.
    """
    place = folder / PLOTS
    place.mkdir(parents=True, exist_ok=True)
    drawn = draw(WIDE)
    for plot, svg in drawn.items():
        (place / f"{plot}.svg").write_text(svg, encoding="utf-8")
    linked = {plot: f"{PLOTS}/{plot}.svg" for plot in drawn}
    forms: Mapping[str, Mapping[str, Mapping[str, str]]] = {
        "md": {"plots": linked},
        "html": {"plots": _inlined(drawn), "phone_plots": _inlined(draw(NARROW))},
    }
    for form, pictures in forms.items():
        text = render(f"{template or name}.{form}.j2", {**contents, **pictures})
        (folder / f"{name}.{form}").write_text(text, encoding="utf-8")


def _inlined(drawn: Mapping[str, str]) -> Mapping[str, str]:
    return {plot: f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}" for plot, svg in drawn.items()}
