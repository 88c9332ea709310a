"""Who is told what answers have shown, and what users did."""

from collections import Counter
from collections.abc import Sequence

from service.impressions.claimed_file import ClaimedFile
from service.impressions.impression import Impression, Outcome
from service.impressions.log import ImpressionLog
from service.impressions.memory import ImpressionMemory, RecentImpressions
from service.metrics.registry import Metrics
from service.settings import Settings


class Recorder:
    """Remembers impressions, counts outcomes by whether they belong to one, and logs both where that is wanted."""

    def __init__(self, memory: ImpressionMemory, log: ImpressionLog | None, metrics: Metrics) -> None:
        self._memory, self._log, self._metrics = memory, log, metrics

    @classmethod
    def of(
        cls, settings: Settings, metrics: Metrics, *, memory: ImpressionMemory | None = None, slot: int = 0
    ) -> "Recorder":
        """The one that settings describe.

        Args:
            settings: whether there is a log, and how much is remembered.
            metrics: where to count.
            memory: one that several workers share; by default this process has one of its own.
            slot: which worker this is: names the log's file.
        """
        log = None
        if settings.impressions is not None:
            log = ImpressionLog(ClaimedFile(settings.impressions, slot, settings.impressions_max_bytes), metrics)
        if memory is None:
            memory = RecentImpressions(settings.remembered_impressions)
        return cls(memory, log, metrics)

    def shown(self, impression: Impression) -> None:
        """An answer shows something."""
        self._memory.put(impression.request_id, impression.item_ids)
        if self._log is not None:
            self._log.put([impression])

    def followed(self, outcomes: Sequence[Outcome]) -> int:
        """Users did something.

        Returns:
            How many outcomes belong to no impression that is remembered.
        """
        counts = Counter((one.action, self._memory.has(one.request_id, one.item_id)) for one in outcomes)
        for (action, known), count in counts.items():
            self._metrics.feedback.labels(action, "yes" if known else "no").inc(count)
        if self._log is not None:
            self._log.put(outcomes)
        return sum(count for (_, known), count in counts.items() if not known)

    def close(self) -> None:
        """Write what waits to be written."""
        if self._log is not None:
            self._log.close()
