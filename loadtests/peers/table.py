"""The comparison as a table: for a terminal, and in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from loadtests.peers.measurement import Measurement
from loadtests.peers.peer import Label

_TEXTS = 3
_HEADINGS = (
    "system",
    "model",
    "asked by",
    "model MB",
    "start s",
    "p50 ms",
    "p90 ms",
    "requests",
    "requests/s",
    "memory MB",
    "peak MB",
    "NDCG@10",
    "95 %",
)


@dataclass(frozen=True)
class Failure:
    """A peer that could not be measured, with a one-line reason."""

    label: Label
    reason: str


Row = Measurement | Failure


def table_of(rows: Sequence[Row]) -> Table:
    """A table with a row per peer."""
    table = Table()
    for place, heading in enumerate(_HEADINGS):
        table.add_column(heading, justify="left" if place < _TEXTS else "right")
    for row in rows:
        table.add_row(*_cells(row))
    return table


def markdown_of(rows: Sequence[Row]) -> str:
    """The table in Markdown."""
    rules = ["---" if place < _TEXTS else "---:" for place in range(len(_HEADINGS))]
    lines = [_HEADINGS, rules, *(_cells(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(row: Row) -> list[str]:
    label = row.label
    texts = [label.title, label.model, str(label.asked)]
    if isinstance(row, Failure):
        return [*texts, "failed", *[""] * (len(_HEADINGS) - _TEXTS - 1)]
    quality = row.quality
    return [
        *texts,
        f"{row.model_bytes / 1e6:.2f}",
        f"{row.start_s:.2f}",
        f"{row.percentile_ms(50):.2f}",
        f"{row.percentile_ms(90):.2f}",
        str(len(row.latencies_s)),
        f"{row.rate:.2f}",
        f"{row.resident_megabytes:.0f}",
        f"{row.peak_megabytes:.0f}",
        f"{quality.value:.3f}" if quality else "",
        f"{quality.interval.low:.3f} to {quality.interval.high:.3f}" if quality else "",
    ]
