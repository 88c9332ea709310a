"""Records impressions and outcomes."""

from collections import Counter
from collections.abc import Sequence

from service.impressions.claimed_file import ClaimedFile
from service.impressions.impression import Impression, Outcome
from service.impressions.log import ImpressionLog
from service.impressions.memory import RecentImpressions
from service.impressions.shared_memory import SharedImpressions
from service.metrics.registry import Metrics
from service.settings import Settings

ImpressionMemory = RecentImpressions | SharedImpressions


class Recorder:
    """Remembers impressions, counts outcomes by whether they belong to one, and optionally logs both."""

    def __init__(self, memory: ImpressionMemory, log: ImpressionLog | None, metrics: Metrics) -> None:
        self._memory, self._log, self._metrics = memory, log, metrics

    @classmethod
    def of(
        cls, settings: Settings, metrics: Metrics, *, memory: ImpressionMemory | None = None, slot: int = 0
    ) -> "Recorder":
        """Create a recorder from the settings, by default with a memory of this process.

        The worker's slot is for the name of the log's file.
        """
        log = None
        if settings.impressions is not None:
            log = ImpressionLog(ClaimedFile(settings.impressions, slot, settings.impressions_max_bytes), metrics)
        if memory is None:
            memory = RecentImpressions(settings.remembered_impressions)
        return cls(memory, log, metrics)

    def record_impression(self, impression: Impression) -> None:
        """Record an impression."""
        self._memory.put(impression.request_id, impression.item_ids)
        if self._log is not None:
            self._log.put([impression])

    def record_outcomes(self, outcomes: Sequence[Outcome]) -> int:
        """Record outcomes; returns how many are without a remembered impression."""
        counts = Counter((one.action, self._memory.has(one.request_id, one.item_id)) for one in outcomes)
        for (action, known), count in counts.items():
            self._metrics.feedback.labels(action, "yes" if known else "no").inc(count)
        if self._log is not None:
            self._log.put(outcomes)
        return sum(count for (_, known), count in counts.items() if not known)

    def close(self) -> None:
        """Finish the log."""
        if self._log is not None:
            self._log.close()
