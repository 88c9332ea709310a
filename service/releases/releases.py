"""Releases to devices, as the served model, the roll-out file and the folder of heads change."""

import asyncio

from service.metrics.registry import Metrics
from service.releases.bundle import Bundle
from service.releases.deltas import Deltas
from service.releases.head_bundle import HeadBundle
from service.releases.heads_folder import HeadsFolder
from service.releases.release_set import ReleaseSet
from service.releases.rollout import Rollout, RolloutFile
from service.releases.source import Source


class Releases:
    """Keeps the release set up to date. A change applies at the next request, unless it is not valid."""

    def __init__(
        self, file: RolloutFile | None, heads: HeadsFolder | None, served: Bundle | None, metrics: Metrics
    ) -> None:
        """Release a served model, and what a roll-out file and a folder of heads add to it."""
        self._rollout = Source(
            file,
            Rollout(),
            metrics.rollout_reads,
            "what is released beside the model that serves stays as it was: %s",
        )
        self._heads = Source[tuple[HeadBundle, ...] | None](
            heads, None, metrics.released_head_reads, "the heads that are released stay as they were: %s"
        )
        self._metrics = metrics
        self._updating = asyncio.Lock()
        self._released = ReleaseSet(served, self._rollout.contents, self._heads.contents)
        self.deltas = Deltas(metrics)
        self._report()

    async def released(self, served: Bundle | None, *, now: bool = False) -> ReleaseSet:
        """The release set while a model is served; `now`: with heads that came within the last second."""
        rollout_outdated, heads_outdated = self._rollout.outdated(), self._heads.outdated(now=now)
        if rollout_outdated or heads_outdated or self._released.served is not served:
            async with self._updating:
                await self._update(served)
        return self._released

    async def close(self) -> None:
        """Stop making deltas."""
        await self.deltas.close()

    async def _update(self, served: Bundle | None) -> None:
        """Read what is outdated, unless another request has meanwhile; after a swap, both."""
        swapped = self._released.served is not served
        read = [source for source in (self._rollout, self._heads) if swapped or source.outdated()]
        if not read:
            return
        for source in read:
            await source.read()
        self._released = ReleaseSet(served, self._rollout.contents, self._heads.contents)
        self._report()

    def _report(self) -> None:
        self.deltas.want(self._released.pairs())
        self._metrics.rollout_percent.set(self._released.rollout.percent if self._released.canary else 0)
