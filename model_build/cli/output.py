"""The output of commands: a console, and files of JSON."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

WIDTH = 160  # characters of a line if the output is not a terminal, so that table cells are not wrapped


def console(width: int = WIDTH) -> Console:
    """A console as wide as the terminal, or of `width` characters if the output is not a terminal."""
    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=width)


def progress_bars() -> Progress:
    """Progress bars; hidden if the output is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, transient=True, disable=not Console().is_terminal)


def make_folder_of(file: Path | None) -> None:
    """Create a file's folder; call it before the long part of a command, which would be lost if it failed."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
