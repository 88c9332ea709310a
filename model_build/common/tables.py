"""Tables for a terminal, and cells that Markdown shows too."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Column, Table
from rich.text import Text


@dataclass(frozen=True)
class Cell:
    """A number with its interval or another detail, if it has one; significant ones are strong."""

    text: str
    detail: str = ""
    strong: bool = False

    def __str__(self) -> str:
        """As Markdown: `0.812 (0.802 to 0.822)`."""
        text = f"**{self.text}**" if self.strong else self.text
        return f"{text} ({self.detail})" if self.detail else text

    def __rich__(self) -> Text:
        return Text(f"{self.text}\n{self.detail}" if self.detail else self.text, style="bold" if self.strong else "")


def number(heading: str, style: str = "") -> Column:
    """A column of numbers."""
    return Column(heading, justify="right", style=style)


def table(
    title: str | Text,
    columns: Iterable[Column | str],
    rows: Iterable[Iterable[Cell | Text | str]],
    *,
    lines: bool = False,
) -> Table:
    """A table for a terminal; `lines` separate its rows."""
    made = Table(*columns, title=title, title_justify="left", show_lines=lines)
    for row in rows:
        made.add_row(*row)
    return made
