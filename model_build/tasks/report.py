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
MUCH_KEPT = 0.9


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
    others = list(dict.fromkeys(metric for way in ways for metric in way.more))
    numbers = ("bytes", "ms", ways[0].metric, "95 % interval", *others, "kept", "ahead of the head")
    columns: list[Column | str] = ["way", *(number(one) for one in numbers)]
    rows = [
        (
            way.way,
            _or_blank(way.bytes, ","),
            _or_blank(way.milliseconds, ".2f"),
            f"{way.value:.4f}",
            "" if way.low is None else f"{way.low:.4f} to {way.high:.4f}",
            *(_or_blank(way.more.get(metric), ".4f") for metric in others),
            "" if way.kept is None else f"{100 * way.kept:.1f} %",
            "" if way.ahead is None else _ahead(way.ahead),
        )
        for way in ways
    ]
    return table(f"{name}: {ways[0].split}, {ways[0].examples:,} examples", columns, rows)


def ways_markdown(runs: Mapping[str, Sequence[Way]]) -> str:
    """The ways to ship several tasks, by their runs' names: a table, and how many tasks keep what."""
    headings = ("task", "way", "bytes", "ms", "seconds", "metric", "test", "kept", "ahead of the head")
    lines = [f"| {' | '.join(headings)} |", f"| --- | --- |{' ---: |' * (len(headings) - 2)}"]
    for name, ways in runs.items():
        for way in ways:
            interval = "" if way.low is None else f"{way.low:.4f} to {way.high:.4f}"
            cells: list[Cell | str] = [
                name,
                way.way,
                _or_blank(way.bytes, ","),
                _or_blank(way.milliseconds, ".2f"),
                _or_blank(way.seconds, ".0f"),
                way.metric,
                Cell(f"{way.value:.4f}", interval),
                "" if way.kept is None else f"{100 * way.kept:.1f} %",
                "" if way.ahead is None else _ahead(way.ahead),
            ]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, "", *_counts(runs)]) + "\n"


def _counts(runs: Mapping[str, Sequence[Way]]) -> list[str]:
    found = {kind: [way for ways in runs.values() for way in ways if way.way == kind] for kind in ("model", "pack")}
    lines = []
    for kind, ways in found.items():
        kept = sum(way.kept is not None and way.kept >= MUCH_KEPT for way in ways)
        ahead = sum(way.ahead is not None and way.ahead[1] > 0 for way in ways)
        lines.append(
            f"- {kind}: keeps {MUCH_KEPT:.0%} or more on {kept} of {len(ways)} tasks, and is ahead of the head with an "
            f"interval above 0 on {ahead}"
        )
    return lines


def _ahead(ahead: tuple[float, float, float]) -> Cell:
    value, low, high = ahead
    return Cell(f"{value:+.4f}", f"{low:+.4f} to {high:+.4f}", strong=low > 0)


def _or_blank(value: float | None, form: str) -> str:
    return "" if value is None else f"{value:{form}}"
