"""An ablation as sentences and tables, in Markdown and on a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from model_build.ablation.result import Ablation, Comparison, Section, to_json
from model_build.ablation.statistics import LEVEL, Difference, Estimate
from model_build.common.atomic import durable_file
from model_build.common.tables import Cell, number, table
from model_build.common.templates import render

MARKDOWN, JSON = "ablation.md", "ablation.json"


@dataclass(frozen=True)
class Sheet:
    """A table whose first `texts` columns are text, and the others numbers."""

    headings: tuple[str, ...]
    texts: int
    rows: tuple[tuple[Cell, ...], ...]


def write_ablation(ablation: Ablation, folder: Path) -> None:
    """Write `ablation.md` and `ablation.json`."""
    for name, text in ((MARKDOWN, to_markdown(ablation)), (JSON, to_json(ablation))):
        with durable_file(folder / name) as file:
            file.write(text.encode())


def to_markdown(ablation: Ablation) -> str:
    """Render the ablation as a section of Markdown."""
    sections = [
        (section, [metrics_sheet(section), differences_sheet(section)], answers(section))
        for section in ablation.sections
    ]
    said = {"introduction": introduction(ablation), "caution": caution(ablation)}
    return render("ablation.md.j2", {"ablation": ablation, "sections": sections, **said})


def shown(ablation: Ablation) -> Iterator[Table | Text | str]:
    """The tables and sentences for a terminal."""
    yield introduction(ablation)
    for section in ablation.sections:
        yield _table(metrics_sheet(section), section.title)
        differences = differences_sheet(section)
        if differences:
            yield _table(differences, "Differences, seed by seed")
        yield from (Text(f"- {answer}") for answer in answers(section))
        yield ""
    yield caution(ablation)
    yield from (Text(f"left out: {name}: {reason}") for name, reason in ablation.left_out.items())


def metrics_sheet(section: Section) -> Sheet:
    """Mean and interval of each variant's metrics, its bytes, and the cost of its training."""
    metrics = tuple(section.rows[0].figures)
    return Sheet(
        headings=("variant", *metrics, "bytes", "training, s", "texts read"),
        texts=1,
        rows=tuple(
            (
                Cell(row.variant),
                *(_estimate(row.figures[name]) for name in metrics),
                *(Cell(f"{row.bytes:,}"), Cell(f"{row.seconds:.1f}"), Cell(f"{row.texts:,}")),
            )
            for row in section.rows
        ),
    )


def differences_sheet(section: Section) -> Sheet | None:
    """Mean and interval of each paired difference, and the share of seeds in which it is positive."""
    if not section.comparisons:
        return None
    metrics = tuple(section.rows[0].figures)
    return Sheet(
        headings=("variant", "less", *metrics),
        texts=2,
        rows=tuple(
            (Cell(pair.variant), Cell(pair.reference), *(_difference(pair.differences[name]) for name in metrics))
            for pair in section.comparisons
        ),
    )


def answers(section: Section) -> tuple[str, ...]:
    """A sentence or two for each comparison."""
    return tuple(
        f"{pair.variant} against {pair.reference}. {pair.question} {_answer(pair)}" for pair in section.comparisons
    )


def introduction(ablation: Ablation) -> str:
    """How to read the numbers."""
    seeds = ", ".join(str(seed) for seed in ablation.seeds)
    return (
        f"{len(ablation.seeds)} seeds ({seeds}), intervals of {LEVEL:.0%} by Student's t over them. Differences are "
        "between runs of the same seed; 2/3 means that they are positive in 2 of 3 seeds. Higher is better in every "
        "metric; the cosine is with the teacher before any adaptation."
    )


def caution(ablation: Ablation) -> str:
    """The number of significant differences, and the number expected by chance."""
    differences = ablation.differences
    shown = sum(one.shown for one in differences)
    return (
        f"{shown} of {len(differences)} intervals of differences exclude 0; "
        f"without any effect, about {(1 - LEVEL) * len(differences):.0f} would by chance."
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


def _table(sheet: Sheet, title: str) -> Table:
    texts, numbers = sheet.headings[: sheet.texts], sheet.headings[sheet.texts :]
    return table(title, [*texts, *map(number, numbers)], sheet.rows)
