"""The log of a run: events in a JSONL file, progress bars on a terminal."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


@dataclass(frozen=True)
class Bar:
    """One progress bar."""

    progress: Progress
    task: TaskID

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Advance the bar; `note` is shown beside it."""
        self.progress.update(self.task, advance=steps, note=note)


class Journal:
    """Appends events to `path`, one JSON object per line, and prints a line for each on the console."""

    def __init__(self, path: Path, console: Console | None = None) -> None:
        self._path = path
        self._console = console or Console(stderr=True)

    def event(self, stage: str, event: str, **fields: object) -> None:
        """Record an event. Fields must be JSON values."""
        self._path.parent.mkdir(parents=True, exist_ok=True)  # not earlier: a refused run leaves no folder
        record = {"time": round(time.time(), 3), "stage": stage, "event": event, **fields}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
        shown = " ".join(f"{key}={_short(value)}" for key, value in fields.items())
        self._console.print(f"[bold]{stage}[/bold] {escape(event)} {escape(shown)}", highlight=False)

    @contextmanager
    def bar(self, description: str, total: int, completed: int = 0) -> Iterator[Bar]:
        """Show a progress bar; hidden if the console is not a terminal."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        progress = Progress(*columns, console=self._console, disable=not self._console.is_terminal, transient=True)
        with progress:
            yield Bar(progress, progress.add_task(description, total=total, completed=completed, note=""))


class Silence(Journal):
    """Discards events: of several processes only one logs."""

    def __init__(self) -> None:
        self._console = Console(quiet=True, force_terminal=False)

    def event(self, stage: str, event: str, **fields: object) -> None:
        """Discard an event."""


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
