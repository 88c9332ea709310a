"""The impression log, written on a thread, so that a slow disk delays no answer."""

import logging
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from service.impressions.claimed_file import ClaimedFile
from service.impressions.rotated_file import RotatedFile
from service.metrics.registry import Metrics

_log = logging.getLogger(__name__)
_MOST_WAITING = 1_000
_FINISH_S = 10.0


class LogRecord(Protocol):
    """An impression or an outcome."""

    def line(self) -> bytes:
        """Its line, with a newline; called on the thread that writes."""


class ImpressionLog:
    """Writes records on a thread of its own. If they come faster than it can write, they are dropped and counted."""

    def __init__(self, file: ClaimedFile | RotatedFile, metrics: Metrics, *, most_waiting: int = _MOST_WAITING) -> None:
        """Start the thread; the queue has room for `most_waiting` calls of `put`."""
        self._file = file
        self._written, self._dropped = metrics.impressions.labels("written"), metrics.impressions.labels("dropped")
        self._waiting: queue.Queue[Sequence[LogRecord] | None] = queue.Queue(most_waiting)
        self._failing = False
        self._thread = threading.Thread(target=self._write_all, name="impressions", daemon=True)
        self._thread.start()

    def put(self, records: Sequence[LogRecord]) -> None:
        """Queue records. Never blocks."""
        try:
            self._waiting.put_nowait(records)
        except queue.Full:
            self._dropped.inc(len(records))

    def close(self, *, finish_s: float = _FINISH_S) -> None:
        """Write the queue, for at most some seconds, and stop."""
        with suppress(queue.Full):
            self._waiting.put(None, timeout=finish_s)
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
            if not self._failing:  # log the first failure only
                _log.error("impressions can't be written, and are dropped: %s", error.strerror)
            self._failing = True
            return
        self._written.inc()
        if self._failing:
            _log.info("impressions are written again")
        self._failing = False
