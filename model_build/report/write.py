"""Stores a report and writes its pages."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from model_build.common.errors import RunError
from model_build.evaluation.quality import quality_of
from model_build.report import plots
from model_build.report.canvas import Layout
from model_build.report.contents import Report
from model_build.report.page import write_page

SAVED = "report.json"
_REPORT = TypeAdapter(Report)
T = TypeVar("T")


def save_report(report: Report, folder: Path) -> None:
    """Store a report, for `load_report`."""
    (folder / SAVED).write_bytes(_REPORT.dump_json(report, indent=1))


def load_report(folder: Path) -> Report:
    """Read what `save_report` stored.

    Raises:
        RunError: there is no report, or it is from another version.
    """
    return read_saved(_REPORT, folder)


def read_saved(kind: TypeAdapter[T], folder: Path) -> T:
    """Read a stored report of a kind.

    Raises:
        RunError: there is no report, or it is from another version.
    """
    try:
        return kind.validate_json((folder / SAVED).read_bytes())
    except FileNotFoundError:
        raise RunError(f"{folder} has no {SAVED}; finish the run first") from None
    except ValidationError:
        raise RunError(f"{folder / SAVED} is not a report that this version reads") from None


def write_report(report: Report, folder: Path) -> None:
    """Write `report.md`, `plots/*.svg` and `report.html` into a folder, which is made if missing."""
    contents = {"report": report, "quality": quality_of(report.evaluation)}
    write_page("report", contents, lambda layout: _plots(report, layout), folder)


def _plots(report: Report, layout: Layout) -> Mapping[str, str]:
    drawn = {}
    if report.evaluation:
        drawn["quality"] = plots.size_against_quality(report.evaluation, layout)
    if report.bytes:
        drawn["bytes"] = plots.byte_bars(report.bytes, layout)
    if report.sensitivity:
        drawn["sensitivity"] = plots.sensitivity_bars(report.sensitivity, layout)
    if report.coverage:
        drawn["coverage"] = plots.coverage_curves(report.coverage, report.vocabulary[0].size, layout)
    if report.curve:
        drawn["curves"] = plots.learning_curves(report.curve, layout)
    return drawn
