"""An ablation as tables and sentences, for a terminal and for Markdown alike."""

from dataclasses import dataclass

from model_build.ablation.result import Ablation, Comparison, Row, Section
from model_build.ablation.statistics import LEVEL, Difference, Estimate


@dataclass(frozen=True)
class Cell:
    """What stands in a table, with its interval where it has one; a strong one tells something."""

    text: str
    detail: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table.

    Attributes:
        headings: of the columns.
        texts: how many columns, from the left, are words; the others are numbers.
        rows: each as long as the headings.
    """

    headings: tuple[str, ...]
    texts: int
    rows: tuple[tuple[Cell, ...], ...]


def figures_sheet(section: Section) -> Sheet:
    """Mean and interval of each variant's figures, its bytes, and what its training took."""
    figures = _figures(section)
    return Sheet(
        headings=("variant", *figures, "bytes", "training, s", "texts read"),
        texts=1,
        rows=tuple(_figures_row(row, figures) for row in section.rows),
    )


def differences_sheet(section: Section) -> Sheet | None:
    """Mean and interval of each paired difference, and in how many seeds it is above 0; None without comparisons."""
    if not section.comparisons:
        return None
    figures = _figures(section)
    return Sheet(
        headings=("variant", "less", *figures),
        texts=2,
        rows=tuple(
            (Cell(pair.variant), Cell(pair.reference), *(_difference(pair.differences[name]) for name in figures))
            for pair in section.comparisons
        ),
    )


def answers(section: Section) -> tuple[str, ...]:
    """A sentence or two for each comparison, from its numbers alone."""
    return tuple(
        f"{pair.variant} against {pair.reference}. {pair.question} {_answer(pair)}" for pair in section.comparisons
    )


def changes(section: Section) -> tuple[tuple[str, str], ...]:
    """What each variant changes in the recipe."""
    return tuple((row.variant, " ".join(row.overrides)) for row in section.rows if row.overrides)


def introduction(ablation: Ablation) -> str:
    """What all of it is over."""
    seeds = ", ".join(str(seed) for seed in ablation.seeds)
    return (
        f"{len(ablation.seeds)} seeds ({seeds}), intervals of {LEVEL:.0%} by Student's t over them. Differences are "
        "between runs of the same seed; 2/3 says that in 2 of 3 seeds they are above 0. More is better in every "
        "figure; the cosine is with the teacher as it was before anything adapted."
    )


def caution(ablation: Ablation) -> str:
    """How many intervals leave 0 out, and how many would by chance."""
    differences = ablation.differences
    shown = sum(one.shown for one in differences)
    return (
        f"{shown} of {len(differences)} intervals of differences leave 0 out; "
        f"were there no effect at all, about {(1 - LEVEL) * len(differences):.0f} would."
    )


def left_out(ablation: Ablation) -> tuple[str, ...]:
    """Which variants did not take part, and why."""
    return tuple(f"{name}: {reason}" for name, reason in ablation.left_out.items())


def _figures(section: Section) -> tuple[str, ...]:
    return tuple(section.rows[0].figures)


def _figures_row(row: Row, figures: tuple[str, ...]) -> tuple[Cell, ...]:
    return (
        Cell(row.variant),
        *(_estimate(row.figures[name]) for name in figures),
        Cell(f"{row.bytes:,}"),
        Cell(f"{row.seconds:.1f}"),
        Cell(f"{row.texts:,}"),
    )


def _estimate(one: Estimate) -> Cell:
    return Cell(f"{one.mean:.4f}", f"{one.low:.4f} to {one.high:.4f}")


def _difference(one: Difference) -> Cell:
    middle = one.estimate
    interval = f"{middle.low:+.4f} to {middle.high:+.4f}"
    return Cell(f"{middle.mean:+.4f}", f"{interval}; {one.higher}/{one.seeds}", strong=one.shown)


def _answer(pair: Comparison) -> str:
    parts = [_finding(name, one) for name, one in pair.differences.items() if one.shown]
    silent = [name for name, one in pair.differences.items() if not one.shown]
    if silent:
        parts.append(f"{', '.join(silent)}: the interval of the difference contains 0: not shown.")
    return " ".join(parts)


def _finding(name: str, one: Difference) -> str:
    higher = one.estimate.mean > 0.0
    agreeing = one.higher if higher else one.seeds - one.higher
    size = f"{abs(one.estimate.mean):.4f}"
    return f"{name}: {'higher' if higher else 'lower'} by {size}, in {agreeing} of {one.seeds} seeds."
