"""Plots as numbers, so that a picture and a table show the same."""

from collections.abc import Sequence
from dataclasses import dataclass

ABSENT = "-"


@dataclass(frozen=True)
class Line:
    """A line with one value per window; None where there is none."""

    name: str
    values: Sequence[float | None]

    @property
    def known(self) -> list[float]:
        """The values that are not None."""
        return [one for one in self.values if one is not None]


@dataclass(frozen=True)
class Panel:
    """Lines that share an axis.

    Attributes:
        title: of the panel.
        unit: of the axis.
        lines: those with at least one value.
        logarithmic: whether the axis is logarithmic.
        most: end of the axis; None for that of the values.
    """

    title: str
    unit: str
    lines: Sequence[Line]
    logarithmic: bool = False
    most: float | None = None


@dataclass(frozen=True)
class Plot:
    """Panels one above the other, over the same time.

    Attributes:
        name: of its file.
        title: its heading.
        what: a sentence on how to read it.
        panels: those with at least one line.
    """

    name: str
    title: str
    what: str
    panels: Sequence[Panel]

    @property
    def alternative(self) -> str:
        """A description in words: the range of each line."""
        return " ".join(
            f"{panel.title}, {panel.unit}: {'; '.join(_range(line) for line in panel.lines)}." for panel in self.panels
        )


def _range(line: Line) -> str:
    return f"{line.name} from {number(min(line.known))} to {number(max(line.known))}"


def number(value: float | None) -> str:
    """Format a value to three digits or as a whole number; `ABSENT` for None."""
    if value is None:
        return ABSENT
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
