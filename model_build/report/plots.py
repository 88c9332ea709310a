"""The report's plots as SVG documents, in a wide and a narrow layout. Equal reports give equal bytes."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from model_build.common.systems import Role
from model_build.evaluation.result import EvaluationResult, SystemSize, family_means, measured_families
from model_build.export.byte_table import ByteRow
from model_build.report import canvas
from model_build.report.canvas import Layout
from model_build.report.contents import CurvePoint, SensitivityRow, VocabularyRow

_TEACHERS = "the teacher's own"
_SIZES = "bytes on the device (MB); dotted: no model"


def learning_curves(curve: tuple[CurvePoint, ...], layout: Layout) -> str:
    """A panel per loss and validation metric, since their scales differ; value by step."""
    names = list(dict.fromkeys(name for point in curve for name in point.values))

    def draw(figure: Figure) -> None:
        for name, panel in canvas.panels(figure, names, layout):
            points = [(point.step, point.values[name]) for point in curve if name in point.values]
            panel.plot(*zip(*points, strict=True), marker="." if len(points) < 40 else "", color="#1d4ed8")
        figure.supxlabel("step")

    return canvas.svg(draw, layout=layout, height=2.2 * canvas.panel_rows(names, layout))


def coverage_curves(rows: tuple[VocabularyRow, ...], chosen: int, layout: Layout) -> str:
    """Single-token words, tokens per word and unknown tokens by vocabulary size.

    Dotted: the chosen size; dashed: the teacher's whole vocabulary, the largest of the rows.
    """
    measures: dict[str, Callable[[VocabularyRow], float]] = {
        "single-token words, %": lambda row: 100 * row.coverage,
        "tokens per word": lambda row: row.pieces_per_word,
        "unknown tokens, %": lambda row: 100 * row.unknown_rate,
    }
    largest = max(rows, key=lambda row: row.size)

    def draw(figure: Figure) -> None:
        for title, panel in canvas.panels(figure, list(measures), layout):
            measure = measures[title]
            for method in dict.fromkeys(row.method for row in rows):
                own = [row for row in rows if row.method == method]
                panel.plot([row.size for row in own], [measure(row) for row in own], marker=".", label=method)
            panel.axvline(chosen, color="black", linestyle=":", linewidth=0.8)
            panel.axhline(measure(largest), color="black", linestyle="--", linewidth=0.8, label=_TEACHERS)
            panel.set_xscale("log")  # the sizes are a geometric series
            panel.xaxis.set_major_formatter("{x:,.0f}")
            if title == next(iter(measures)):
                panel.legend(frameon=False, fontsize=8)
        figure.supxlabel("tokens; dotted: as built")

    return canvas.svg(draw, layout=layout, height=2.6 * canvas.panel_rows(list(measures), layout))


def byte_bars(rows: tuple[ByteRow, ...], layout: Layout) -> str:
    """Bytes by part, the largest on top."""
    ordered = sorted(rows, key=lambda row: row.bytes)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        bars = axes.barh([row.part for row in ordered], [row.bytes / 1000 for row in ordered], color="#c2410c")
        axes.bar_label(bars, fmt="%.0f", padding=3)
        axes.set_xlabel("kB")

    return canvas.svg(draw, layout=layout, height=1.0 + 0.35 * len(rows))


def sensitivity_bars(rows: tuple[SensitivityRow, ...], layout: Layout) -> str:
    """Change of the validation metric by module, the greatest loss on top."""
    ordered = sorted(rows, key=lambda row: -row.change)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.barh([f"{row.module}, {row.scheme}" for row in ordered], [row.change for row in ordered], color="#1d4ed8")
        axes.axvline(0.0, color="black", linewidth=0.8)
        axes.locator_params(axis="x", nbins=3 * layout.columns)
        axes.set_xlabel("change of the validation metric")

    return canvas.svg(draw, layout=layout, height=1.0 + 0.35 * len(rows))


def size_against_quality(evaluation: EvaluationResult, layout: Layout) -> str:
    """A panel per task: main metric with interval by size, on a logarithmic scale."""
    colours = _colours(evaluation)

    def draw(figure: Figure) -> None:
        for task, panel in canvas.panels(figure, evaluation.tasks, layout):
            _scatter(panel, evaluation, task, colours)
        figure.supxlabel(_SIZES)
        _legend(figure, colours, layout)

    return canvas.svg(draw, layout=layout, height=0.8 + 2.6 * canvas.panel_rows(evaluation.tasks, layout))


def family_curves(evaluation: EvaluationResult, layout: Layout) -> str:
    """A panel per family of tasks: mean of the main metrics by size; a line joins the artifacts.

    Baselines without a model that are far below all models are left out, since they would compress the scale.
    """
    means, families = family_means(evaluation), [family.value for family in measured_families(evaluation)]
    systems, colours = {system.name: system for system in evaluation.systems}, _colours(evaluation)

    def draw(figure: Figure) -> None:
        drawn: set[str] = set()
        for family, panel in canvas.panels(figure, families, layout):
            found = [(systems[one.system], one.value) for one in means if one.family.value == family]
            drawn |= _family(panel, found, colours)
        figure.supxlabel(_SIZES)
        _legend(figure, {name: colour for name, colour in colours.items() if name in drawn}, layout)

    return canvas.svg(draw, layout=layout, height=0.8 + 2.6 * canvas.panel_rows(families, layout))


def _family(panel: Axes, means: Sequence[tuple[SystemSize, float]], colours: Mapping[str, str]) -> set[str]:
    """Draw the means of a family. Returns the names of the visible systems."""
    models = [(system, value) for system, value in means if system.bytes]
    artifacts = sorted((system.bytes / 1e6, value) for system, value in models if system.role is Role.ARTIFACT)
    panel.plot(*zip(*artifacts, strict=True), color="black", linewidth=0.8)
    for system, value in models:
        marker = "D" if system.role is Role.ARTIFACT else "o"
        panel.plot([system.bytes / 1e6], [value], marker=marker, color=colours[system.name])
    values = [value for _, value in models]
    room = max(max(values, default=1.0) - min(values, default=0.0), 0.02) / 3
    lines = [one for one in means if not one[0].bytes and one[1] > min(values, default=0.0) - room]
    for system, value in lines:
        panel.axhline(value, color=colours[system.name], linestyle=":")
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter("{x:g}")
    panel.margins(x=0.1, y=0.15)
    return {system.name for system, _ in (*models, *lines)}


def _colours(evaluation: EvaluationResult) -> dict[str, str]:
    palette = mpl.colormaps["tab10" if len(evaluation.systems) <= 10 else "tab20"]
    return {system.name: to_hex(palette(place % palette.N)) for place, system in enumerate(evaluation.systems)}


def _legend(figure: Figure, colours: Mapping[str, str], layout: Layout) -> None:
    handles = [Line2D([], [], marker="o", linestyle="", color=colour, label=name) for name, colour in colours.items()]
    figure.legend(handles=handles, loc="outside upper center", ncols=2 * layout.columns, frameon=False, fontsize=8)


def _scatter(panel: Axes, evaluation: EvaluationResult, task: str, colours: Mapping[str, str]) -> None:
    for system in evaluation.systems:
        found = evaluation.headline(system.name, task)
        if found is None:
            continue
        panel.set_ylabel(found.metric, fontsize=8)
        colour = colours[system.name]
        if system.bytes == 0:
            panel.axhline(found.value, color=colour, linestyle=":")
            continue
        spread = np.abs(np.array([[found.low], [found.high]]) - found.value)
        marker = {Role.ARTIFACT: "D", Role.FP32: "s"}.get(system.role, "o")
        panel.errorbar(system.bytes / 1e6, found.value, yerr=spread, fmt=marker, color=colour, capsize=2)
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter("{x:g}")
    panel.margins(x=0.15)
