"""Tables of task models: the arms of an ablation, and the ways to ship a task."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Column, Table

from model_build.ablation.statistics import Difference, Estimate
from model_build.common.atomic import durable_file
from model_build.common.tables import Cell, number, table
from model_build.tasks.ablation import ArmRow
from model_build.tasks.arms import ARMS
from model_build.tasks.stages.comparison import Way

MARKDOWN, JSON = "arms.md", "arms.json"
_HEADINGS = ("task", "arm", "rate", "seconds", "dev", "test", "against", "difference on test")
_TEXTS = ("task", "arm", "against")


def write_arms(rows: Sequence[ArmRow], teachers: Mapping[str, Mapping[str, object]], folder: Path) -> None:
    """Write `arms.md` and `arms.json`; `teachers` are the teachers' accuracies by task and split."""
    contents = {
        MARKDOWN: to_markdown(rows, teachers),
        JSON: json.dumps({"teachers": teachers, "arms": [asdict(row) for row in rows]}, indent=1) + "\n",
    }
    for name, text in contents.items():
        with durable_file(folder / name) as file:
            file.write(text.encode())


def to_markdown(rows: Sequence[ArmRow], teachers: Mapping[str, Mapping[str, object]]) -> str:
    """Render the tables and what each arm asks."""
    lines = ["| task | teacher on dev | teacher on test |", "| --- | ---: | ---: |"]
    for task, figures in teachers.items():
        shown = [f"{figures[split]:.4f}" if split in figures else "" for split in ("dev", "test")]
        lines.append(f"| {task} | {' | '.join(shown)} |")
    lines += ["", f"| {' | '.join(_HEADINGS)} |"]
    lines.append(f"| {' | '.join('---' if one in _TEXTS else '---:' for one in _HEADINGS)} |")
    lines += [f"| {' | '.join(str(cell) for cell in _cells(row))} |" for row in rows]
    lines += ["", *(f"- **{name}**: {arm.question}" for name, arm in ARMS.items())]
    return "\n".join(lines) + "\n"


def arms_table(rows: Sequence[ArmRow]) -> Table:
    """The same for a terminal."""
    columns = [one if one in _TEXTS else number(one) for one in _HEADINGS]
    return table("accuracy over the seeds", columns, [_cells(row) for row in rows])


def _cells(row: ArmRow) -> list[Cell | str]:
    return [
        row.task,
        row.arm,
        "" if row.rate is None else f"{row.rate:g}",
        f"{row.seconds:.0f}",
        _estimate(row.dev),
        "" if row.test is None else _estimate(row.test),
        row.against or "",
        "" if row.difference is None else _difference(row.difference),
    ]


def _estimate(one: Estimate) -> Cell:
    return Cell(f"{one.mean:.4f}", f"{one.low:.4f} to {one.high:.4f}")


def _difference(one: Difference) -> Cell:
    shown = one.estimate
    return Cell(f"{shown.mean:+.4f}", f"{shown.low:+.4f} to {shown.high:+.4f}", strong=one.shown)


def ways_table(name: str, ways: Sequence[Way]) -> Table:
    """The ways to ship a task, for a terminal."""
    numbers = ("bytes", "ms", "accuracy", "95 % interval", "macro-F1", "calibration error", "kept")
    columns: list[Column | str] = ["way", *(number(one) for one in numbers)]
    rows = [
        (
            way.way,
            _or_blank(way.bytes, ","),
            _or_blank(way.milliseconds, ".2f"),
            f"{way.accuracy:.4f}",
            "" if way.low is None else f"{way.low:.4f} to {way.high:.4f}",
            _or_blank(way.macro_f1, ".4f"),
            _or_blank(way.calibration_error, ".4f"),
            "" if way.kept is None else f"{100 * way.kept:.1f} %",
        )
        for way in ways
    ]
    return table(f"{name}: {ways[0].split}, {ways[0].examples:,} examples", columns, rows)


def _or_blank(value: float | None, form: str) -> str:
    return "" if value is None else f"{value:{form}}"
