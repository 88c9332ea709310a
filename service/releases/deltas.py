"""The deltas between released bundles; made once each, one at a time, on a thread."""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from service.metrics.registry import Metrics
from service.releases.bundle import Bundle
from service.releases.delta import make_delta
from service.releases.listing import OfferedDelta

_log = logging.getLogger(__name__)
_Key = tuple[str, str]


@dataclass(frozen=True)
class Delta:
    """A delta from one bundle to another."""

    source: str
    content: bytes
    sha256: str

    @property
    def offer(self) -> OfferedDelta:
        """Its entry in the listing."""
        return OfferedDelta(source=self.source, bytes=len(self.content), sha256=self.sha256)


class Deltas:
    """Makes deltas in the background, and keeps those that are smaller than the changed files."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._turn = asyncio.Lock()
        self._making: dict[_Key, asyncio.Task[Delta | None]] = {}

    def want(self, pairs: Iterable[tuple[Bundle, Bundle]]) -> None:
        """Make the deltas of these pairs that are missing, and drop all others."""
        wanted = {_key(source, target): (source, target) for source, target in pairs}
        for key in self._making.keys() - wanted.keys():
            self._making.pop(key).cancel()
        for key in wanted.keys() - self._making.keys():
            task = asyncio.create_task(self._make(*wanted[key]))
            task.add_done_callback(_report_failure)
            self._making[key] = task

    def made(self, source: Bundle, target: Bundle) -> Delta | None:
        """The delta of a pair, if it is ready, and smaller."""
        task = self._making.get(_key(source, target))
        return task.result() if task is not None and _succeeded(task) else None

    async def get(self, source: Bundle, target: Bundle) -> Delta | None:
        """Wait for the delta of a pair; None if it is not wanted, or not smaller."""
        task = self._making.get(_key(source, target))
        if task is None:
            return None
        await asyncio.wait([task])  # a cancelled request does not cancel the task, nor a failed task the request
        return task.result() if _succeeded(task) else None

    async def close(self) -> None:
        """Stop making deltas."""
        tasks = list(self._making.values())
        self.want(())
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, source: Bundle, target: Bundle) -> Delta | None:
        async with self._turn:
            delta = await asyncio.to_thread(_delta, source, target)
        self._metrics.deltas.labels("larger" if delta is None else "offered").inc()
        return delta


def _delta(source: Bundle, target: Bundle) -> Delta | None:
    old, new = source.device_contents, target.device_contents
    content = make_delta(source.revision, old, target.revision, new)
    if len(content) >= sum(len(file) for path, file in new.items() if old.get(path) != file):
        return None
    return Delta(source.revision, content, hashlib.sha256(content).hexdigest())


def _key(source: Bundle, target: Bundle) -> _Key:
    return source.identity, target.identity


def _succeeded(task: asyncio.Task[Delta | None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _report_failure(task: asyncio.Task[Delta | None]) -> None:
    """Log why devices must load whole files."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a delta could not be made", exc_info=error)
