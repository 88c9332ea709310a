"""The output of commands: a console, and files of JSON."""

from pathlib import Path

from rich.console import Console

WIDTH = 160  # characters of a line if the output is not a terminal, so that table cells are not wrapped


def console(width: int = WIDTH) -> Console:
    """A console as wide as the terminal, or of `width` characters if the output is not a terminal."""
    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=width)


def make_folder_of(file: Path | None) -> None:
    """Create a file's folder; call it before the long part of a command, which would be lost if it failed."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
