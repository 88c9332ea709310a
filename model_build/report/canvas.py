"""What plots are drawn on: SVG documents in a wide and a narrow layout, one panel or several."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Layout:
    """The width of a plot in inches, and the panels per row."""

    width: float
    columns: int


WIDE = Layout(width=7.5, columns=2)
NARROW = Layout(width=3.75, columns=1)  # 360 CSS pixels


def svg(draw: Callable[[Figure], None], *, layout: Layout, height: float) -> str:
    """Draw a figure as an SVG document; `height` is in inches."""
    with mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "edge-rank",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.3,
        }
    ):
        figure = Figure(figsize=(layout.width, height), layout="constrained")
        draw(figure)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def panels(figure: Figure, names: Sequence[str], layout: Layout) -> Iterator[tuple[str, Axes]]:
    """Yield a titled panel for each name; spare panels are hidden."""
    made = list(figure.subplots(panel_rows(names, layout), layout.columns, squeeze=False).flat)
    for panel in made[len(names) :]:
        panel.set_visible(False)
    for name, panel in zip(names, made, strict=False):
        panel.set_title(name, fontsize=10)
        yield name, panel


def panel_rows(names: Sequence[str], layout: Layout) -> int:
    """Number of rows of panels."""
    return -(-len(names) // layout.columns)
