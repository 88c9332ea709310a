"""Batches the texts of many requests on threads, off the event loop.

While a thread is free, texts are embedded at once. While all are busy, texts are queued, and the next free thread takes
as many as a batch may have, of any requests. It takes them itself: if the event loop assigned batches, threads would
wait for the loop after each batch, the longer the busier it is. The `Schedule` decides the order, and which requests
are refused because they can't be answered in time.

Rows of packs and task models go through the same queue and threads, with what they cost beside a text.

A text that several requests wait for is embedded once; one that no request waits for any more, or that is late for all,
is not embedded. A cancelled request cancels nothing that another one waits for.
"""

import asyncio
import math
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter

from service.admission.arrival import Arrival
from service.admission.deadline import Deadline
from service.admission.gate import Gate
from service.admission.rate import LearnedRate
from service.admission.schedule import Job, Schedule
from service.admission.ticket import current_ticket
from service.encoder.base import Encoder, Encoding, Input
from service.encoder.embedded_text import EmbeddedText, join, split
from service.encoder.text_queue import QueuedText, TextQueue
from service.errors import DeadlineExceededError
from service.metrics.registry import Metrics
from service.process.threads import lower_priority

_BYTES_PER_TOKEN = 3  # of UTF-8; English has more, Chinese about as many: a rather high estimate of tokens
# The cost of a text and of a batch besides their tokens, in tokens: measured with the bundled model.
_TEXT_UNITS, _BATCH_UNITS = 6, 36
_FIRST_GUESS_S = 25e-6
_SMALLEST_BATCH = 256
_SMALLEST_PART, _MOST_PARTS = 256, 32


_Part = list[tuple[Input, int]]


class EncoderError(Exception):
    """Texts could not be embedded; the message contains none of them."""


@dataclass(eq=False, slots=True)
class _Batch:
    """Texts that a thread embeds: the estimated work, when it began, whether all threads were busy, its duration."""

    texts: Sequence[QueuedText]
    units: int
    begun_s: float
    together: bool
    took_s: float = 0.0


class Batcher:
    """Embeds texts of concurrent requests. Used from one event loop."""

    def __init__(self, encoder: Encoder, metrics: Metrics, *, threads: int, batch_tokens: int, max_tokens: int) -> None:
        """Start no thread yet.

        A batch has up to `batch_tokens`, estimated, which bounds the time until the next one; of a text, `max_tokens`
        are read in all its windows.
        """
        self._encoder, self._metrics = encoder, metrics
        self._threads, self._batch_tokens, self._max_tokens = threads, batch_tokens, max_tokens
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="encode", initializer=lower_priority)
        # Guards the queue, the schedule and the running batches. Futures belong to the event loop.
        self._lock = threading.Lock()
        self._at_work = 0
        self._closed = False
        self._running: set[_Batch] = set()
        self._rate = LearnedRate(_FIRST_GUESS_S / threads, typical_units=batch_tokens / 2)
        self._schedule = Schedule(self._rate, under_way_s=self._under_way_s)
        self._queue = TextQueue(self._schedule, metrics)
        self._gate = Gate(
            self._schedule,
            "these texts can't be embedded within the deadline; try again later, or allow more time",
            metrics.refused.labels("overloaded").inc,
        )

    @property
    def nothing(self) -> Encoding:
        """The encoding of no texts."""
        return join([], self._encoder.dimension)

    async def encode(self, texts: Sequence[str], deadline: Deadline, *, refusable: bool = True) -> Encoding:
        """Embed texts as `embed` does, and join them."""
        return join(await self.embed(texts, deadline, refusable=refusable), self._encoder.dimension)

    async def embed(
        self, texts: Sequence[Input], deadline: Deadline, *, refusable: bool = True
    ) -> Sequence[EmbeddedText]:
        """Embed texts, and rows for other encoders; repeated ones once.

        The service's own work is not `refusable`, however late it may be.

        Raises:
            OverloadedError: they can't be embedded before the deadline.
            DeadlineExceededError: the deadline passed before all were embedded; queued texts that no other request
                waits for are dropped.
            EncoderError: the encoder failed.
        """
        deadline.check()
        if not texts:
            return []
        # The shortest first: texts of similar length share a run, with little padding.
        distinct = dict(sorted({text: self._estimate(text) for text in texts}.items(), key=itemgetter(1)))
        parts = _parts(distinct)
        with self._lock:
            jobs = self._schedule_parts(parts, deadline, refusable=refusable)
            wanted = [
                (self._queue.add(text, units, job), job)
                for part, job in zip(parts, jobs, strict=True)
                for text, units in part
            ]
            self._start_threads()
        try:
            embedded = await _all_of([one for one, _ in wanted], deadline)
        finally:
            with self._lock:
                for one, job in wanted:
                    self._queue.release(one, job)
        _note_wait(wanted)
        return [embedded[text] for text in texts]

    def close(self) -> None:
        """Let the threads end after their current batches; queued texts are late."""
        with self._lock:
            self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _estimate(self, text: Input) -> int:
        if isinstance(text, str):
            return _TEXT_UNITS + min(self._max_tokens, 2 + _tokens(text))
        tokens = min(text.encoder.max_length, 1 + sum(1 + _tokens(one) for one in text.texts))
        return math.ceil(text.encoder.cost * (_TEXT_UNITS + tokens))

    def _under_way_s(self, now_s: float) -> float:
        """Estimated time until all running batches are done; 0 if a thread is free."""
        if len(self._running) < self._threads:
            return 0.0
        # A batch that exceeds its estimate is expected to take as long again, so that a hung thread soon shows.
        left = (self._rate.seconds(one.units) - (now_s - one.begun_s) / self._threads for one in self._running)
        return sum(map(abs, left))

    def _schedule_parts(self, parts: Sequence[_Part], deadline: Deadline, *, refusable: bool) -> list[Job]:
        """Add the parts of a request to the schedule, or refuse it."""
        now_s, ticket = time.perf_counter(), current_ticket.get()
        units = [sum(units for text, units in part if not self._queue.is_begun(text)) for part in parts]
        units[-1] += _BATCH_UNITS
        due_s = deadline.moment_s if refusable else math.inf
        arrival = Arrival(now_s, alone=True) if ticket is None else ticket.arrival
        if ticket is not None:
            ticket.units += sum(units)
            ticket.queue = self._gate
        offer = self._gate.refuse_late(units, due_s, now_s, arrival)
        self._gate.retry_after.admitted(offer.own_s)
        if ticket is not None:
            ticket.scheduled_s, ticket.margin = offer.done_s, self._gate.margin
            ticket.work_s += offer.own_s
        return self._schedule.add(offer, due_s, now_s)

    def _start_threads(self) -> None:
        """Give batches to idle threads; each continues until the queue is empty."""
        while self._at_work < self._threads:
            batch, late = self._next_batch()
            _fail_late(late)
            if batch is None:
                return
            self._at_work += 1
            self._running.add(batch)
            self._executor.submit(self._work, batch, asyncio.get_running_loop())

    def _work(self, first: _Batch, loop: asyncio.AbstractEventLoop) -> None:
        """On a thread: embed a batch, and then the queue."""
        batch: _Batch | None = first
        while batch is not None:
            texts, outcome = batch.texts, self._outcome([one.text for one in batch.texts])
            batch.took_s = time.perf_counter() - batch.begun_s
            with self._lock:
                self._running.discard(batch)
                self._queue.finish(texts)
                if not isinstance(outcome[0], EncoderError):
                    self._learn(batch)
                batch, late = self._next_batch()
                if batch is None:
                    self._at_work -= 1
                else:
                    self._running.add(batch)
            try:
                loop.call_soon_threadsafe(_resolve, texts, outcome)
                loop.call_soon_threadsafe(_fail_late, late)
            except RuntimeError:  # the loop is closed, and no request waits
                return

    def _outcome(self, texts: Sequence[Input]) -> Sequence[EmbeddedText | EncoderError]:
        """On a thread: embed texts; any failure becomes the error of those who wait for the text."""
        try:
            return self._embed(texts)
        except Exception as error:  # noqa: BLE001 (it is raised where the text is awaited)
            if len(texts) > 1:  # one by one, so that a bad text does not fail the others
                return [outcome for one in texts for outcome in self._outcome([one])]
            return [EncoderError("the text could not be embedded").with_traceback(error.__traceback__)]

    def _embed(self, texts: Sequence[Input]) -> list[EmbeddedText]:
        started = time.perf_counter()
        embedded: dict[Input, EmbeddedText] = {}
        for some, encoding in self._encoded(texts):
            self._metrics.encoded_texts.inc(len(some))
            self._metrics.encoded_tokens.inc(int(encoding.tokens.sum()))
            self._metrics.truncated_texts.inc(int(encoding.truncated.sum()))
            parts = split(encoding)
            if len(parts) != len(some):
                raise EncoderError(f"the encoder gave {len(parts)} vectors for {len(some)} texts")
            embedded.update(zip(some, parts, strict=True))
        self._metrics.stages["encode"].observe(time.perf_counter() - started)
        return [embedded[one] for one in texts]

    def _encoded(self, texts: Sequence[Input]) -> Iterator[tuple[Sequence[Input], Encoding]]:
        """Encode the texts, and the rows of each further encoder."""
        own = [one for one in texts if isinstance(one, str)]
        if own:
            yield own, self._encoder.encode(own)
        rows = [one for one in texts if not isinstance(one, str)]
        for encoder in dict.fromkeys(one.encoder for one in rows):
            some = [one for one in rows if one.encoder is encoder]
            yield some, encoder.encode([one.texts for one in some])

    def _next_batch(self) -> tuple[_Batch | None, Sequence[QueuedText]]:
        """The next batch for a free thread, and texts that are late.

        A batch is at most the thread's share of the queue, so that no thread stays idle.
        """
        if self._closed:
            return None, self._queue.waiting()
        share = math.ceil(self._queue.waiting_units / (self._threads - len(self._running)))
        now_s = time.perf_counter()
        texts, late = self._queue.take(min(self._batch_tokens, max(_SMALLEST_BATCH, share)), now_s)
        if not texts:
            return None, late
        self._metrics.stages["queue"].observe(now_s - min(one.since for one in texts))
        together = len(self._running) + 1 >= self._threads
        return _Batch(texts, _BATCH_UNITS + sum(one.units for one in texts), now_s, together), late

    def _learn(self, batch: _Batch) -> None:
        """Learn the rate of all threads together from a batch.

        A thread that works alone bounds it: at best, threads do not slow each other down; at worst, all together do as
        much as one. Between the two, the earlier estimate stays. It is corrected in both directions: a rate that only
        ever grew, from the slower batches of a single client, would refuse the next burst.
        """
        together_s = batch.took_s / self._threads
        if not batch.together:
            together_s = min(batch.took_s, max(together_s, self._rate.seconds(batch.units)))
        self._rate.learn(batch.units, together_s)


def _tokens(text: str) -> int:
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return math.ceil(size / _BYTES_PER_TOKEN)


def _parts(distinct: dict[Input, int]) -> list[_Part]:
    """Divide a request's texts, with their units, into parts that are neither small nor many."""
    most = max(_SMALLEST_PART, sum(distinct.values()) // _MOST_PARTS)
    parts: list[_Part] = [[]]
    size = 0
    for text, units in distinct.items():
        if size and size + units > most:
            parts.append([])
            size = 0
        parts[-1].append((text, units))
        size += units
    return parts


def _note_wait(wanted: Sequence[tuple[QueuedText, Job]]) -> None:
    ticket = current_ticket.get()
    if ticket is not None:
        ticket.waited_s += max(0.0, *(one.begun_s - job.came_s for one, job in wanted))


async def _all_of(wanted: Sequence[QueuedText], deadline: Deadline) -> dict[Input, EmbeddedText]:
    """Wait for texts. Their futures are shared with other requests, so that they are not awaited directly."""
    left = {one.done for one in wanted}
    if left:
        _, late = await asyncio.wait(left, timeout=deadline.remaining_s(), return_when=asyncio.FIRST_EXCEPTION)
        failure = next((error for one in wanted if one.done.done() and (error := one.done.exception())), None)
        if failure is not None:
            if isinstance(failure, DeadlineExceededError):
                raise DeadlineExceededError
            # A new error for each request: a shared one would collect the frames of all.
            raise EncoderError(*failure.args).with_traceback(failure.__traceback__)
        if late:
            raise DeadlineExceededError
    return {one.text: one.done.result() for one in wanted}


def _resolve(texts: Sequence[QueuedText], outcome: Sequence[EmbeddedText | EncoderError]) -> None:
    for one, result in zip(texts, outcome, strict=True):
        if isinstance(result, EncoderError):
            one.done.set_exception(result)
        else:
            one.done.set_result(result)


def _fail_late(texts: Sequence[QueuedText]) -> None:
    for one in texts:
        if not one.done.done():  # after `close`, each thread reports the same texts
            one.done.set_exception(DeadlineExceededError())
