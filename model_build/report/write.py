"""Writes a report as Markdown with its plots beside it, and as one HTML file that needs nothing else."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model_build.evaluation.result import EvaluationResult
from model_build.report import plots
from model_build.report.contents import Report
from model_build.report.templating import render

PLOTS = "plots"


@dataclass(frozen=True)
class QualityRow:
    """A figure of a task, for each system in the order of the evaluation."""

    task: str
    metric: str
    split: str
    examples: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class KeptRow:
    """The share of the teacher's main figure of a task, for each system."""

    task: str
    shares: tuple[float | None, ...]


def write_report(report: Report, folder: Path) -> None:
    """Write `report.md`, `plots/*.svg` and `report.html` into a folder, which is made where it lacks."""
    drawn = _plots(report)
    place = folder / PLOTS
    place.mkdir(parents=True, exist_ok=True)
    for name, svg in drawn.items():
        (place / f"{name}.svg").write_text(svg, encoding="utf-8")
    contents = {"report": report, "quality": _quality(report.evaluation), "kept": _kept(report.evaluation)}
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


def _quality(evaluation: EvaluationResult | None) -> tuple[QualityRow, ...]:
    if evaluation is None:
        return ()
    found = {(one.task, one.metric, one.system): one for one in evaluation.measurements}
    rows = {(one.task, one.metric): one for one in evaluation.measurements}
    return tuple(
        QualityRow(
            task=task,
            metric=metric,
            split=one.split,
            examples=one.examples,
            cells=tuple(
                f"{cell.value:.3f} ({cell.low:.3f} to {cell.high:.3f})" if cell else "-"
                for cell in (found.get((task, metric, system.name)) for system in evaluation.systems)
            ),
        )
        for (task, metric), one in rows.items()
    )


def _kept(evaluation: EvaluationResult | None) -> tuple[KeptRow, ...]:
    if evaluation is None or evaluation.teacher is None:
        return ()
    return tuple(
        KeptRow(task, tuple(evaluation.teacher_kept(system.name, task) for system in evaluation.systems))
        for task in evaluation.tasks
    )
