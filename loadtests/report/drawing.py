"""Draws a plot as SVG; equal numbers give equal bytes."""

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from loadtests.load.recording import Phase
from loadtests.report.plot import Panel, Plot
from loadtests.report.svg import INK, slim

_WIDTH, _HEAD, _PANEL = 6.6, 0.5, 2.3
_MOST_LEVEL_NAMES = 4
_BELOW, _ABOVE = 0.02, 0.08  # keeps lines off the edges
# Each has a contrast of at least 3 with the page, light or dark; line styles help where colours are not told apart.
_COLOURS = ("#0f8a8a", "#3b7dd8", "#d1661c", "#c2417c", "#8a8d1f", "#8b6fd0")
_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)))


def drawn(
    plot: Plot, *, starts_s: Sequence[float], phases: Sequence[Phase], events: Sequence[float], end_s: float
) -> str:
    """Draw an SVG document.

    Args:
        plot: its lines have one value per window.
        starts_s: start of each window in seconds.
        phases: shaded alternately, with their names.
        events: times in seconds, drawn as numbered lines.
        end_s: end of the time axis.
    """
    with _style():
        figure = Figure(figsize=(_WIDTH, _HEAD + _PANEL * len(plot.panels)), layout="constrained")
        for place, (panel, axes) in enumerate(
            zip(plot.panels, figure.subplots(len(plot.panels), sharex=True, squeeze=False).flat, strict=True)
        ):
            _lines(axes, panel, starts_s, end_s)
            _marks(axes, phases, events, end_s, named=place == 0)
        figure.axes[-1].set_xlabel("seconds since the run began")
        stream = io.StringIO()
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    return slim(stream.getvalue(), name=plot.name, title=plot.title, description=plot.alternative)


def _style() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "edge-rank",
            "font.sans-serif": ["DejaVu Sans"],
            "font.size": 9,
            "text.color": INK,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.titlesize": 9,
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.facecolor": "none",
            "figure.facecolor": "none",
            "grid.alpha": 0.2,
            "grid.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.bottom": False,
            "ytick.left": False,
            "lines.linewidth": 1.2,
        }
    )


def _lines(axes: Axes, panel: Panel, starts_s: Sequence[float], end_s: float) -> None:
    middles = np.asarray(starts_s, dtype=float)
    middles = (middles + np.append(middles[1:], end_s)) / 2
    looks = list(zip(_COLOURS, _STYLES, strict=True))[: len(panel.lines)]
    for line, (colour, style) in zip(panel.lines, looks, strict=True):
        values = np.array([np.nan if one is None else one for one in line.values], dtype=float)
        single = np.count_nonzero(~np.isnan(values)) == 1  # a single point needs a marker to be visible
        axes.plot(middles, values, label=line.name, color=colour, linestyle=style, marker="o" if single else "")
    if panel.logarithmic and any(value > 0 for line in panel.lines for value in line.known):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        highest = panel.most or max((value for line in panel.lines for value in line.known), default=0)
        axes.set_ylim(bottom=-_BELOW * (highest or 1), top=(1 + _ABOVE) * (highest or 1))
    axes.set_xlim(0, end_s)
    axes.set_ylabel(panel.unit)
    axes.set_title(panel.title, pad=18)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.1,
        ncols=len(_COLOURS),
        frameon=False,
        fontsize=8,
        columnspacing=1.2,
        handlelength=2.2,
    )


def _marks(axes: Axes, phases: Sequence[Phase], events: Sequence[float], end_s: float, *, named: bool) -> None:
    within = axes.get_xaxis_transform()
    words: dict[str, Any] = {"transform": within, "fontsize": 7, "clip_on": True, "parse_math": False}
    rotation = 90 if len(phases) > _MOST_LEVEL_NAMES else 0
    for place, phase in enumerate(phases):
        if place % 2 == 0:
            axes.axvspan(phase.start_s, min(phase.end_s, end_s), color=INK, alpha=0.06, linewidth=0)
        if named:
            axes.text(phase.start_s, 0.98, f" {phase.name} ", rotation=rotation, va="top", alpha=0.8, **words)
    for number, second in enumerate(events, start=1):
        axes.axvline(second, color=INK, linewidth=0.8, linestyle=(0, (4, 2)), alpha=0.7)
        axes.text(second, 0.02, f" {number}", va="bottom", weight="bold", **words)
