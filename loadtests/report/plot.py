"""What is plotted over a run: numbers first, so that a picture and a table show the same."""

from collections.abc import Sequence
from dataclasses import dataclass

ABSENT = "-"


@dataclass(frozen=True)
class Line:
    """Values of one thing, a value a window; None where there is none."""

    name: str
    values: Sequence[float | None]

    @property
    def known(self) -> list[float]:
        """The values that there are."""
        return [one for one in self.values if one is not None]


@dataclass(frozen=True)
class Panel:
    """Lines that share an axis.

    Attributes:
        title: what they are.
        unit: of the axis.
        lines: those that have a value at all.
        logarithmic: whether the axis is.
        most: where the axis ends; None: where the values do.
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
        what: a sentence that tells how to read it.
        panels: those that have a line.
    """

    name: str
    title: str
    what: str
    panels: Sequence[Panel]

    @property
    def alternative(self) -> str:
        """What the picture shows, in words: each line's range."""
        return " ".join(
            f"{panel.title}, {panel.unit}: {'; '.join(_range(line) for line in panel.lines)}." for panel in self.panels
        )


def _range(line: Line) -> str:
    return f"{line.name} from {number(min(line.known))} to {number(max(line.known))}"


def number(value: float | None) -> str:
    """A value for a reader, to three digits or the whole number; `ABSENT` where there is none."""
    if value is None:
        return ABSENT
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
