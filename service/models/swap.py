"""Swapping the model: in this process, or in all workers of a service or none."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.artifact.artifact import ArtifactError
from service.heads.manifest import HeadError
from service.models.manager import ModelManager
from service.ranking.weights import RankerError


class SwapRefusedError(Exception):
    """The model may not be served; the old one stays, and the log says why."""


@dataclass(frozen=True)
class Swapped:
    """The model that serves now: its label, and its whole revision."""

    label: str
    revision: str


class Switch(Protocol):
    """Swaps the model."""

    async def to(self, folder: Path | None) -> Swapped:
        """Swap in the model of a folder; None: the one in the settings, read again.

        After this returns, only requests that began with the old model are answered with it. One swap is made at a
        time; callers that wait for the same folder share one.

        Raises:
            SwapRefusedError: the old model stays.
        """


class LocalSwitch:
    """The switch of a service with a single process."""

    def __init__(self, models: ModelManager, folder: Path) -> None:
        """Swap models of `models`; `folder` is the one in the settings."""
        self._models, self._folder = models, folder
        self._turn = asyncio.Lock()
        self._waiting: dict[Path, asyncio.Task[Swapped]] = {}
        self._tasks: set[asyncio.Task[Swapped]] = set()

    async def to(self, folder: Path | None) -> Swapped:
        """Swap in the model of a folder; see `Switch.to`."""
        folder = folder or self._folder
        task = self._waiting.get(folder)
        if task is None:
            task = self._waiting[folder] = asyncio.create_task(self._swap(folder))
            self._tasks.add(task)
            task.add_done_callback(self._forget)
        return await asyncio.shield(task)  # other callers may still wait for it

    async def close(self) -> None:
        """Cancel swaps that are not done."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forget(self, task: asyncio.Task[Swapped]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # logged already; asyncio need not warn if no caller waits any more

    async def _swap(self, folder: Path) -> Swapped:
        async with self._turn:
            del self._waiting[folder]  # the folder's contents may have changed for callers from now on
            try:
                model = await self._models.swap(folder)
            except (ArtifactError, RankerError, HeadError):
                raise SwapRefusedError from None
            return Swapped(model.label, model.manifest.revision)
