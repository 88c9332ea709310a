"""Releases to devices, as the served model and the roll-out file change."""

import asyncio
import logging

from service.metrics.registry import Metrics
from service.releases.bundle import Bundle
from service.releases.deltas import Deltas
from service.releases.release_set import ReleaseSet
from service.releases.rollout import Rollout, RolloutError, RolloutFile

_log = logging.getLogger(__name__)


class Releases:
    """Keeps the release set up to date. A change of the file applies at the next request, unless it is not valid."""

    def __init__(self, file: RolloutFile | None, served: Bundle | None, metrics: Metrics) -> None:
        self._file, self._metrics = file, metrics
        self._changes = self._changes_read = 0
        self._updating = asyncio.Lock()
        self._released = ReleaseSet(served, Rollout() if file is None else file.first)
        self.deltas = Deltas(metrics)
        self._report()

    async def released(self, served: Bundle | None) -> ReleaseSet:
        """The release set while a model is served."""
        if self._file is not None and self._file.changed():
            self._changes += 1
        if self._is_outdated(served):
            async with self._updating:
                if self._is_outdated(served):  # else another request has updated it meanwhile
                    await self._update(served)
        return self._released

    async def close(self) -> None:
        """Stop making deltas."""
        await self.deltas.close()

    def _is_outdated(self, served: Bundle | None) -> bool:
        return self._changes != self._changes_read or self._released.served is not served

    async def _update(self, served: Bundle | None) -> None:
        changes = self._changes
        self._released = ReleaseSet(served, await self._rollout())
        self._changes_read = changes  # a change that came meanwhile is still to be read
        self._report()

    async def _rollout(self) -> Rollout:
        if self._file is None:
            return Rollout()
        try:
            rollout = await asyncio.to_thread(self._file.read)
        except RolloutError as error:
            self._metrics.rollout_reads.labels("refused").inc()
            _log.error("what is released beside the model that serves stays as it was: %s", error)
            return self._released.rollout
        self._metrics.rollout_reads.labels("done").inc()
        return rollout

    def _report(self) -> None:
        self.deltas.want(self._released.pairs())
        self._metrics.rollout_percent.set(self._released.rollout.percent if self._released.canary else 0)
