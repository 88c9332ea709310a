"""Writes a report as Markdown with its plots beside it, and as one HTML file that needs nothing else."""

import base64
from collections.abc import Mapping
from pathlib import Path

from model_build.report import plots
from model_build.report.contents import Report
from model_build.report.quality import quality_of
from model_build.report.templating import render

PLOTS = "plots"


def write_report(report: Report, folder: Path) -> None:
    """Write `report.md`, `plots/*.svg` and `report.html` into a folder, which is made where it lacks."""
    drawn = _plots(report)
    place = folder / PLOTS
    place.mkdir(parents=True, exist_ok=True)
    for name, svg in drawn.items():
        (place / f"{name}.svg").write_text(svg, encoding="utf-8")
    contents = {"report": report, "quality": quality_of(report.evaluation)}
    linked = {name: f"{PLOTS}/{name}.svg" for name in drawn}
    inlined = {name: _data_url(svg) for name, svg in drawn.items()}
    (folder / "report.md").write_text(render("report.md.j2", {**contents, "plots": linked}), encoding="utf-8")
    (folder / "report.html").write_text(render("report.html.j2", {**contents, "plots": inlined}), encoding="utf-8")


def _plots(report: Report) -> Mapping[str, str]:
    drawn = {}
    if report.evaluation:
        drawn["quality"] = plots.size_against_quality(report.evaluation)
    if report.bytes:
        drawn["bytes"] = plots.byte_bars(report.bytes)
    if report.sensitivity:
        drawn["sensitivity"] = plots.sensitivity_bars(report.sensitivity)
    if report.curve:
        drawn["curves"] = plots.learning_curves(report.curve)
    return drawn


def _data_url(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
