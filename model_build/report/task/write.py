"""Stores the report of a task model and writes its pages."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from model_build.common.atomic import write_json
from model_build.common.format import ABSENT, duration, percent, thousands
from model_build.common.tables import Cell
from model_build.report.canvas import Layout
from model_build.report.page import write_page
from model_build.report.plots import byte_bars
from model_build.report.task import plots
from model_build.report.task.breakdown import MOST_CONFUSIONS
from model_build.report.task.contents import TaskReport, WayRow
from model_build.report.write import SAVED, read_saved

_REPORT = TypeAdapter(TaskReport)
_LOW, _HIGH = " low", " high"
_MANY_CLASSES = 20  # the others are folded in the page


def save_task_report(report: TaskReport, folder: Path) -> None:
    """Store a report, for `load_task_report`."""
    write_json(folder / SAVED, asdict(report))


def load_task_report(folder: Path) -> TaskReport:
    """Read what `save_task_report` stored.

    Raises:
        RunError: there is no report, or it is from another version.
    """
    return read_saved(_REPORT, folder)


def write_task_report(report: TaskReport, folder: Path) -> None:
    """Write `report.md`, `plots/*.svg` and `report.html` into a folder, which is made if missing."""
    metrics, has_head = other_metrics(report.ways), any(row.ahead for row in report.ways)
    contents = {
        "report": report,
        "other_metrics": metrics,
        "ways": [(row.way, way_cells(row, metrics, has_head=has_head)) for row in report.ways],
        "has_head": has_head,
        "many": _MANY_CLASSES,
        "most_confusions": MOST_CONFUSIONS,
    }
    write_page("report", contents, lambda layout: _plots(report, layout), folder, template="task_report")


def other_metrics(ways: tuple[WayRow, ...]) -> list[str]:
    """The metrics that ways have beside the main one, each with its interval if it has one."""
    names = dict.fromkeys(name for way in ways for name in way.more)
    return [name for name in names if name.removesuffix(_LOW).removesuffix(_HIGH) not in names.keys() - {name}]


def way_cells(row: WayRow, metrics: list[str], *, has_head: bool) -> list[Cell]:
    """A row of the table of ways: bytes, milliseconds, training, the metric, others, kept, and ahead of a head."""
    cells = [
        Cell(ABSENT if row.bytes is None else thousands(row.bytes)),
        Cell(ABSENT if row.milliseconds is None else f"{row.milliseconds:.2f}"),
        Cell(ABSENT if row.seconds is None else duration(row.seconds)),
        _cell(row.value, row.low, row.high),
        *(_cell(row.more.get(name), row.more.get(name + _LOW), row.more.get(name + _HIGH)) for name in metrics),
        Cell(percent(row.kept)),
    ]
    ahead = Cell(ABSENT) if row.ahead is None else _difference(*row.ahead)
    return [*cells, ahead] if has_head else cells


def _cell(value: float | None, low: float | None, high: float | None) -> Cell:
    interval = "" if low is None or high is None else f"{low:.4f} to {high:.4f}"
    return Cell(ABSENT if value is None else f"{value:.4f}", interval)


def _difference(value: float, low: float, high: float) -> Cell:
    return Cell(f"{value:+.4f}", f"{low:+.4f} to {high:+.4f}", strong=low > 0 or high < 0)


def _plots(report: TaskReport, layout: Layout) -> Mapping[str, str]:
    drawn = {}
    if any(way.bytes is not None for way in report.ways):
        drawn["ways"] = plots.size_against_quality(report.ways, report.metric, layout)
    if report.bytes:
        drawn["bytes"] = byte_bars(report.bytes, layout)
    if report.reliability:
        drawn["reliability"] = plots.reliability(report.reliability, layout)
    if report.grades:
        drawn["grades"] = plots.grades(report.grades, layout)
    if report.teacher or report.losses:
        drawn["training"] = plots.training(report.teacher, report.losses, report.rounded_from, layout)
    return drawn
