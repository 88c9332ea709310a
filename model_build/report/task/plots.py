"""The plots of a task model's report, as SVG documents. Equal reports give equal bytes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from model_build.report import canvas
from model_build.report.canvas import Layout
from model_build.report.task.contents import GradeBin, LossPoint, ReliabilityBin, TeacherCourse, WayRow

_BLUE, _ORANGE = "#1d4ed8", "#c2410c"
_COLOURS = {"teacher": "#475569", "model": _ORANGE, "pack": _BLUE, "head": "#15803d"}
_LOSSES = "model: loss by step"


def size_against_quality(ways: Sequence[WayRow], metric: str, layout: Layout) -> str:
    """The metric of each way with its interval by bytes, on a logarithmic scale."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for way in ways:
            if way.bytes is None:
                continue
            spread = (
                None if way.low is None or way.high is None else np.abs([[way.low - way.value], [way.high - way.value]])
            )
            colour = _COLOURS.get(way.way, "black")
            axes.errorbar(way.bytes, way.value, yerr=spread, fmt="D", color=colour, capsize=3)
            top = way.value if way.high is None else way.high
            axes.annotate(way.way, (way.bytes, top), (0, 5), textcoords="offset points", ha="center", color=colour)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(EngFormatter(unit="B"))
        axes.margins(x=0.15, y=0.2)
        axes.set_xlabel("bytes")
        axes.set_ylabel(metric)

    return canvas.svg(draw, layout=layout, height=3.0)


def training(
    teacher: TeacherCourse | None, losses: Sequence[LossPoint], rounded_from: int | None, layout: Layout
) -> str:
    """The teacher's validation metric by epoch, and the model's loss by step.

    Dotted: the epoch that was kept, and the step from which weights are rounded.
    """
    titles = [] if teacher is None else [_teacher_title(teacher)]
    titles += [_LOSSES] if losses else []

    def draw(figure: Figure) -> None:
        for title, panel in canvas.panels(figure, titles, layout):
            if title == _LOSSES:
                panel.plot([point.step for point in losses], [point.loss for point in losses], color=_ORANGE)
                panel.set_ylim(bottom=0.0)
                if rounded_from is not None:
                    _mark(panel, rounded_from, "rounded from here on")
            elif teacher is not None:
                panel.plot(range(1, len(teacher.curve) + 1), teacher.curve, marker=".", color=_COLOURS["teacher"])
                panel.xaxis.set_major_locator(MaxNLocator(integer=True))
                _mark(panel, teacher.epoch, "kept")

    return canvas.svg(draw, layout=layout, height=2.6 * canvas.panel_rows(titles, layout))


def reliability(bins: Sequence[ReliabilityBin], layout: Layout) -> str:
    """Accuracy by probability of the decision, with its interval, and examples by probability.

    Dashed: where probabilities are as often right as they say.
    """
    accuracy, examples = titles = ["accuracy by probability", "examples by probability"]

    def draw(figure: Figure) -> None:
        for title, panel in canvas.panels(figure, titles, layout):
            places = [one.probability for one in bins]
            if title == accuracy:
                panel.plot([0.0, 1.0], [0.0, 1.0], color="black", linestyle="--", linewidth=0.8)
                values = [one.accuracy for one in bins]
                spread = np.abs([[one.low for one in bins], [one.high for one in bins]] - np.array(values))
                panel.errorbar(places, values, yerr=spread, fmt="o", color=_ORANGE, capsize=2, markersize=4)
                panel.set_ylim(-0.02, 1.02)
            elif title == examples:
                panel.bar(places, [one.examples for one in bins], width=0.04, color=_ORANGE)
            panel.set_xlim(min(0.5, *places) - 0.04, 1.04)

    return canvas.svg(draw, layout=layout, height=2.8 * canvas.panel_rows(titles, layout))


def grades(bins: Sequence[GradeBin], layout: Layout) -> str:
    """Mean given grade by mean right grade, with the 10th to the 90th percentile; dashed: equal."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        right, given = [one.right for one in bins], [one.given for one in bins]
        ends = [min(right), max(right)]
        axes.plot(ends, ends, color="black", linestyle="--", linewidth=0.8)
        # The mean may lie outside of the percentiles where a few grades are far off.
        axes.vlines(right, [one.tenth for one in bins], [one.ninetieth for one in bins], color=_ORANGE)
        axes.plot(right, given, marker="o", markersize=4, color=_ORANGE)
        axes.set_xlabel("right grade")
        axes.set_ylabel("given grade")

    return canvas.svg(draw, layout=layout, height=3.4)


def _teacher_title(teacher: TeacherCourse) -> str:
    return f"teacher: {teacher.metric} on dev by epoch"


def _mark(panel: Axes, place: int, label: str) -> None:
    panel.axvline(place, color="black", linestyle=":", linewidth=0.8, label=label)
    panel.legend(frameon=False, fontsize=8)
