"""How another model is had to serve: in this process, or in all workers of a service or none."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.artifact.artifact import ArtifactError
from service.heads.manifest import HeadError
from service.models.manager import ModelManager
from service.ranking.weights import RankerError


class SwapRefusedError(Exception):
    """The model may not be served; the old one serves on, and the log says why."""


@dataclass(frozen=True)
class Swapped:
    """What serves now: its label, and its whole revision."""

    label: str
    revision: str


class Switch(Protocol):
    """Has another model serve."""

    async def to(self, folder: Path | None) -> Swapped:
        """Have the model of a folder serve; None: of the one that the settings name, read anew.

        Once this returns, nothing answers with the old model any more but what had begun with it. One swap is made at a
        time; whoever asks for the same folder before its turn has come shares it.

        Raises:
            SwapRefusedError: the old model serves on.
        """
        ...


class LocalSwitch:
    """The switch of a service that is this process alone."""

    def __init__(self, models: ModelManager, folder: Path) -> None:
        """Of that host; the settings name that folder."""
        self._models, self._folder = models, folder
        self._turn = asyncio.Lock()
        self._waiting: dict[Path, asyncio.Task[Swapped]] = {}
        self._tasks: set[asyncio.Task[Swapped]] = set()

    async def to(self, folder: Path | None) -> Swapped:
        """Have it serve."""
        folder = folder or self._folder
        task = self._waiting.get(folder)
        if task is None:
            task = self._waiting[folder] = asyncio.create_task(self._swap(folder))
            self._tasks.add(task)
            task.add_done_callback(self._forget)
        return await asyncio.shield(task)  # who shares it may wait longer than who asked first

    async def close(self) -> None:
        """Give up what is not done."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forget(self, task: asyncio.Task[Swapped]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # the log has been told, even if whoever asked is gone

    async def _swap(self, folder: Path) -> Swapped:
        async with self._turn:
            del self._waiting[folder]  # who asks from now on may mean what is in the folder from now on
            try:
                model = await self._models.swap(folder)
            except (ArtifactError, RankerError, HeadError):
                raise SwapRefusedError from None
            return Swapped(model.label, model.manifest.revision)
