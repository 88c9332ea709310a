"""A progress bar of a download."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


@contextmanager
def download_bar(text: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar, if stderr is a terminal; yields a function to call with the bytes loaded and their total."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(text, total=None)
        yield lambda there, total: bar.update(task, completed=there, total=total)
