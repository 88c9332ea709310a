"""Who is told what answers have shown, and what users did."""

import os
from collections.abc import Sequence

from service.impressions.impression import Impression, Outcome
from service.impressions.log import ImpressionLog
from service.impressions.memory import RecentImpressions
from service.impressions.rotated_file import RotatedFile
from service.metrics import Metrics
from service.settings import Settings


class Recorder:
    """Remembers impressions, counts outcomes by whether they belong to one, and logs both where that is wanted.

    Each caller's answers are remembered apart: no other can push them out, or take their place under the same request
    id. Outcomes may come from whoever gathers them.
    """

    def __init__(self, capacity: int, log: ImpressionLog | None, metrics: Metrics) -> None:
        self._memories: dict[str | None, RecentImpressions] = {}
        self._capacity, self._log, self._metrics = capacity, log, metrics

    @classmethod
    def of(cls, settings: Settings, metrics: Metrics) -> "Recorder":
        """The one that settings describe; the log's file is this process's own."""
        log = None
        if settings.impressions is not None:
            path = settings.impressions / f"impressions-{os.getpid()}.jsonl"
            log = ImpressionLog(RotatedFile(path, settings.impressions_max_bytes), metrics)
        return cls(settings.remembered_impressions, log, metrics)

    def shown(self, impression: Impression, caller: str | None = None) -> None:
        """An answer shows something to a caller, by the name of their API key."""
        memory = self._memories.setdefault(caller, RecentImpressions(self._capacity))
        memory.put(impression.request_id, impression.item_ids)
        if self._log is not None:
            self._log.put([impression])

    def followed(self, outcomes: Sequence[Outcome]) -> int:
        """Users did something.

        Returns:
            How many outcomes belong to no impression that is remembered here.
        """
        unknown = 0
        for outcome in outcomes:
            known = any(one.has(outcome.request_id, outcome.item_id) for one in self._memories.values())
            unknown += not known
            self._metrics.feedback.labels(outcome.action, "yes" if known else "no").inc()
        if self._log is not None:
            self._log.put(outcomes)
        return unknown

    def close(self) -> None:
        """Write what waits to be written."""
        if self._log is not None:
            self._log.close()
