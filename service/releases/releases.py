"""What the service releases to devices, as its model is swapped and the file of the roll-out changes."""

import asyncio
import logging

from service.releases.bundle import Bundle
from service.metrics.registry import Metrics
from service.releases.deltas import Deltas
from service.releases.rollout import Rollout, RolloutError, RolloutFile
from service.releases.release_set import ReleaseSet

_log = logging.getLogger(__name__)


class Releases:
    """Holds the shelf. A change of the file is noticed at the next request; one that is not valid is not taken over.

    Attributes:
        deltas: those between the revisions that are on the shelf.
    """

    def __init__(self, file: RolloutFile | None, served: Bundle | None, metrics: Metrics) -> None:
        """Begin with what the file says and the model that serves; deltas are made from now on."""
        self._file, self._metrics = file, metrics
        self._changes = self._changes_read = 0
        self._renewing = asyncio.Lock()
        self._shelf = ReleaseSet(served, Rollout() if file is None else file.first)
        self.deltas = Deltas(metrics)
        self._tell()

    async def shelf(self, served: Bundle | None) -> ReleaseSet:
        """What is released while that model serves."""
        if self._file is not None and self._file.changed():
            self._changes += 1
        if self._is_outdated(served):
            async with self._renewing:
                if self._is_outdated(served):  # else another request has renewed it meanwhile
                    await self._renew(served)
        return self._shelf

    async def close(self) -> None:
        """Stop making deltas."""
        await self.deltas.close()

    def _is_outdated(self, served: Bundle | None) -> bool:
        return self._changes != self._changes_read or self._shelf.served is not served

    async def _renew(self, served: Bundle | None) -> None:
        changes = self._changes
        self._shelf = ReleaseSet(served, await self._rollout())
        self._changes_read = changes  # one that came meanwhile is still to be read
        self._tell()

    async def _rollout(self) -> Rollout:
        if self._file is None:
            return Rollout()
        try:
            rollout = await asyncio.to_thread(self._file.read)
        except RolloutError as error:
            self._metrics.rollout_reads.labels("refused").inc()
            _log.error("what is released beside the model that serves stays as it was: %s", error)
            return self._shelf.rollout
        self._metrics.rollout_reads.labels("done").inc()
        return rollout

    def _tell(self) -> None:
        self.deltas.want(self._shelf.pairs())
        self._metrics.rollout_percent.set(self._shelf.rollout.percent if self._shelf.candidate else 0)
