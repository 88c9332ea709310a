"""Puts an ablation on paper and on a terminal."""

from pathlib import Path

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from model_build.ablation.report import (
    Cell,
    Sheet,
    answers,
    caution,
    changes,
    differences_sheet,
    figures_sheet,
    introduction,
    left_out,
)
from model_build.ablation.result import Ablation, to_json
from model_build.common.atomic import durable_file
from model_build.common.templates import render

WIDE = 160
MARKDOWN, JSON = "ablation.md", "ablation.json"
TEMPLATE = "ablation.md.j2"


def write_ablation(ablation: Ablation, folder: Path) -> None:
    """Write `ablation.md` and `ablation.json`."""
    for name, text in ((MARKDOWN, to_markdown(ablation)), (JSON, to_json(ablation))):
        with durable_file(folder / name) as file:
            file.write(text.encode())


def to_markdown(ablation: Ablation) -> str:
    """A section of Markdown."""
    sections = [
        (section.title, [figures_sheet(section), differences_sheet(section)], answers(section), changes(section))
        for section in ablation.sections
    ]
    return render(
        TEMPLATE,
        {
            "name": ablation.name,
            "introduction": introduction(ablation),
            "caution": caution(ablation),
            "left_out": left_out(ablation),
            "sections": sections,
        },
    )


def show(ablation: Ablation) -> None:
    """The same on the console."""
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=WIDE)
    console.print(introduction(ablation))
    for section in ablation.sections:
        parts = [_table(figures_sheet(section), section.title)]
        differences = differences_sheet(section)
        if differences:
            parts.append(_table(differences, "Differences, seed by seed"))
        console.print(Group(*parts, *(Text(f"- {answer}") for answer in answers(section)), Text()))
    console.print(caution(ablation))
    for line in left_out(ablation):
        console.print(Text(f"left out: {line}"))


def _table(sheet: Sheet, title: str) -> Table:
    table = Table(title=title, title_justify="left")
    for place, heading in enumerate(sheet.headings):
        table.add_column(heading, justify="left" if place < sheet.texts else "right")
    for row in sheet.rows:
        table.add_row(*(_cell(cell) for cell in row))
    return table


def _cell(cell: Cell) -> Text:
    lines = f"{cell.text}\n{cell.detail}" if cell.detail else cell.text
    return Text(lines, style="bold" if cell.strong else "")
