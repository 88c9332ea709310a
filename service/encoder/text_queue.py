"""The queue of texts before the encoder's threads. A text that several requests wait for is queued once."""

import asyncio
import heapq
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from service.admission.schedule import Job, Schedule
from service.encoder.base import Input
from service.encoder.embedded_text import EmbeddedText
from service.metrics.registry import Metrics


@dataclass(eq=False, slots=True)
class QueuedText:
    """A text that requests wait for.

    Attributes:
        jobs: of the requests that wait for it.
        job: the first of them in the schedule; the text is part of it until a thread takes it.
        since: when it was queued, in `time.perf_counter` seconds.
        begun_s: when a thread took it, on the same clock; infinity before.
    """

    text: Input = field(repr=False)  # asyncio logs the `repr` of failed futures and tasks, and no text may be logged
    units: int
    done: asyncio.Future[EmbeddedText] = field(repr=False)
    jobs: list[Job]
    job: Job
    since: float = field(default_factory=time.perf_counter)
    begun_s: float = math.inf

    @property
    def begun(self) -> bool:
        """Whether a thread has taken it."""
        return self.begun_s < math.inf


class TextQueue:
    """Texts in the order of their jobs in the schedule. Not thread-safe: its owner locks."""

    def __init__(self, schedule: Schedule, metrics: Metrics) -> None:
        self._schedule, self._metrics = schedule, metrics
        self._heap: list[tuple[tuple[float, int], int, QueuedText]] = []
        self._sequence = count()
        self._by_text: dict[Input, QueuedText] = {}
        self.waiting_units = 0

    def is_begun(self, text: Input) -> bool:
        """Whether a thread is embedding a text."""
        known = self._by_text.get(text)
        return known is not None and known.begun

    def add(self, text: Input, units: int, job: Job) -> QueuedText:
        """Queue a text for a job, or join the others that wait for it. Called on the event loop."""
        one = self._by_text.get(text)
        if one is None:
            done: asyncio.Future[EmbeddedText] = asyncio.get_running_loop().create_future()
            one = self._by_text[text] = QueuedText(text, units, done, [job], job)
            one.done.add_done_callback(_retrieve_exception)
            self._wait(units)
            self._push(one, job)
        else:
            one.jobs.append(job)
            if not one.begun and job.place < one.job.place:
                self._schedule.begin(one.job, one.units)
                self._push(one, job)
        return one

    def release(self, one: QueuedText, job: Job) -> None:
        """A job no longer waits for a text; without any job left, it is not embedded."""
        one.jobs.remove(job)
        if one.begun:
            return
        if one.job is job:
            self._schedule.begin(job, one.units)
            if one.jobs:
                self._push(one, min(one.jobs, key=lambda other: other.place))
        if not one.jobs:
            # Its heap entry becomes stale; the same text is queued again if another request needs it.
            del self._by_text[one.text]
            self._wait(-one.units)

    def take(self, most_units: int, now_s: float) -> tuple[list[QueuedText], list[QueuedText]]:
        """Take the next texts, up to `most_units` but at least one; and those that are late for all their jobs."""
        texts: list[QueuedText] = []
        late: list[QueuedText] = []
        units = 0
        while self._heap and (not texts or units + self._heap[0][2].units <= most_units):
            place, _, one = heapq.heappop(self._heap)
            if one.begun or not one.jobs or place != one.job.place:
                continue  # stale
            one.begun_s = now_s
            self._wait(-one.units)
            self._schedule.begin(one.job, one.units)
            if max(job.due_s for job in one.jobs) <= now_s:
                del self._by_text[one.text]
                late.append(one)
                continue
            texts.append(one)
            units += one.units
        return texts, late

    def finish(self, texts: Sequence[QueuedText]) -> None:
        """Forget texts that a thread has embedded."""
        for one in texts:
            del self._by_text[one.text]

    def waiting(self) -> list[QueuedText]:
        """All texts that no thread has taken."""
        return [one for one in self._by_text.values() if not one.begun]

    def _push(self, one: QueuedText, job: Job) -> None:
        """Make a text part of a job; its earlier heap entry becomes stale."""
        one.job = job
        self._schedule.give(job, one.units)
        heapq.heappush(self._heap, (job.place, next(self._sequence), one))

    def _wait(self, units: int) -> None:
        self.waiting_units += units
        self._metrics.queue_tokens.inc(units)  # several models share the metric


def _retrieve_exception(done: asyncio.Future[EmbeddedText]) -> None:
    """Keep asyncio from logging failures of further texts: a request only learns of its first."""
    if not done.cancelled():
        done.exception()
