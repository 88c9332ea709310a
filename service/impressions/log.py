"""The impression log: written beside the event loop, so that a slow disk delays no answer."""

import logging
import queue
import threading
from collections.abc import Sequence
from typing import Protocol

from service.metrics.registry import Metrics

_log = logging.getLogger(__name__)
_MOST_WAITING = 1_000
_FINISH_S = 10.0


class Record(Protocol):
    """What is logged."""

    def line(self) -> bytes:
        """Its line, with the end of the line; called on the thread that writes."""
        ...


class LineFile(Protocol):
    """Where lines are written. Used from one thread."""

    def append(self, line: bytes) -> None:
        """Write a line, or raise OSError and write nothing."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class ImpressionLog:
    """Writes records on a thread of its own. What comes faster than it can be written is dropped, and counted."""

    def __init__(self, file: LineFile, metrics: Metrics, *, most_waiting: int = _MOST_WAITING) -> None:
        """Begin.

        Args:
            file: where to write.
            metrics: where to count lines.
            most_waiting: how many answers, or requests of feedback, may wait to be written.
        """
        self._file = file
        self._written, self._dropped = metrics.impressions.labels("written"), metrics.impressions.labels("dropped")
        self._waiting: queue.Queue[Sequence[Record] | None] = queue.Queue(most_waiting)
        self._failing = False
        self._thread = threading.Thread(target=self._write_all, name="impressions", daemon=True)
        self._thread.start()

    def put(self, records: Sequence[Record]) -> None:
        """Have records written soon. Never waits."""
        try:
            self._waiting.put_nowait(records)
        except queue.Full:
            self._dropped.inc(len(records))

    def close(self, *, finish_s: float = _FINISH_S) -> None:
        """Write what waits, for so many seconds at most; then nothing more."""
        try:
            self._waiting.put(None, timeout=finish_s)
        except queue.Full:
            _log.error("impressions that waited to be written are lost: the disk is too slow")
            return
        self._thread.join(finish_s)
        if self._thread.is_alive():
            _log.error("impressions that waited to be written are lost: the disk is too slow")

    def _write_all(self) -> None:
        while (records := self._waiting.get()) is not None:
            for record in records:
                self._write(record.line())
        self._file.close()

    def _write(self, line: bytes) -> None:
        try:
            self._file.append(line)
        except OSError as error:
            self._dropped.inc()
            if not self._failing:  # one line, however long it lasts
                _log.error("impressions can't be written, and are dropped: %s", error.strerror)
            self._failing = True
            return
        self._written.inc()
        if self._failing:
            _log.info("impressions are written again")
        self._failing = False
