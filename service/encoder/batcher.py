"""Texts of many requests in shared runs of the model, off the event loop.

While a thread is free, texts are embedded as they come: nobody waits for company. While all threads are busy, texts
queue, and the next free thread takes as many as a batch may hold, whosever they are. It takes them itself: were it the
event loop that gives them out, a thread would wait for the loop after each batch, the longer the more there is to do.
Who goes first, and who is refused because it can't be answered in time, is for the `Schedule` to say.

A text that several requests wait for is embedded once. One that nobody waits for any more, or that is late for all who
do, is not embedded. Requests share texts, never a fate: one that gives up cancels nothing that another waits for.
"""

import asyncio
import heapq
import math
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.admission.deadline import Deadline
from service.admission.margin import Margin
from service.admission.rate import LearnedRate
from service.admission.retry import Promises
from service.admission.schedule import Job, Offer, Schedule
from service.admission.ticket import current_ticket
from service.encoder.base import Encoder, Encoding
from service.errors import DeadlineExceededError, OverloadedError
from service.metrics.registry import Metrics
from service.process.threads import give_way
from service.text.terms import Terms

_BYTES_PER_TOKEN = 3  # of UTF-8; fewer than English has, about what Chinese has: an estimate that is rather too high
# What a text and a batch cost beside their tokens, in tokens: measured with the bundled model.
_TEXT_UNITS, _BATCH_UNITS = 6, 36
_FIRST_GUESS_S = 25e-6
_SMALLEST_BATCH = 256
_SMALLEST_PART, _MOST_PARTS = 256, 32


_Part = list[tuple[str, int]]


class EncoderError(Exception):
    """Texts could not be embedded; the message holds none of them."""


class _Embedded(NamedTuple):
    """A text's part of an encoding."""

    vector: NDArray[np.float32]
    windows: NDArray[np.float32]
    tokens: int
    truncated: bool
    readable: bool
    terms: Terms


@dataclass(eq=False, slots=True)
class _Text:
    """A text that is waited for.

    Attributes:
        units: of work, estimated.
        done: resolved with what became of it.
        jobs: of the requests that wait for it.
        job: the first of them to be done, which it is part of until it is begun.
        since: when it was first asked for, in `time.perf_counter` seconds.
        begun_s: when it left the queue, on the same clock; infinity while it has not.
    """

    text: str = field(repr=False)  # asyncio prints what it complains of, and nobody's text is for a log
    units: int
    done: asyncio.Future[_Embedded] = field(repr=False)
    jobs: list[Job]
    job: Job
    since: float = field(default_factory=time.perf_counter)
    begun_s: float = math.inf

    @property
    def begun(self) -> bool:
        """Whether it has left the queue."""
        return self.begun_s < math.inf


@dataclass(eq=False, slots=True)
class _Batch:
    """Texts that a thread is at.

    Attributes:
        units: of work, estimated.
        begun_s: when, in `time.perf_counter` seconds.
        together: whether all threads were busy when it began.
        took_s: how long it took.
    """

    texts: Sequence[_Text]
    units: int
    begun_s: float
    together: bool
    took_s: float = 0.0


class Batcher:
    """Embeds texts for whoever awaits them. Used from one event loop."""

    def __init__(self, encoder: Encoder, metrics: Metrics, *, threads: int, batch_tokens: int, max_tokens: int) -> None:
        """Start no thread yet.

        Args:
            encoder: thread-safe.
            metrics: where to count.
            threads: batches at the same time.
            batch_tokens: most tokens of a batch, estimated; what a text waits for at most before its turn may come.
            max_tokens: how many tokens of a text are read, in all its windows.
        """
        self._encoder, self._metrics = encoder, metrics
        self._threads, self._batch_tokens, self._max_tokens = threads, batch_tokens, max_tokens
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="encode", initializer=give_way)
        # Between the event loop and the threads: held for what waits, and for what each is at. Futures are the loop's.
        self._lock = threading.Lock()
        self._at_work = 0
        self._closed = False
        self._running: set[_Batch] = set()
        self._queue: list[tuple[tuple[float, int], int, _Text]] = []
        self._sequence = count()
        self._asked_for: dict[str, _Text] = {}
        self._waiting_units = 0
        self._rate = LearnedRate(_FIRST_GUESS_S / threads, typical_units=batch_tokens / 2)
        self._schedule = Schedule(self._rate, under_way_s=self._under_way_s)
        self._margin, self._promises = Margin(), Promises()

    @property
    def nothing(self) -> Encoding:
        """The encoding of no texts."""
        return _joined([], self._encoder.dimension)

    @property
    def waiting_units(self) -> int:
        """Work that waits for a thread, in estimated tokens."""
        return self._waiting_units

    async def encode(self, texts: Sequence[str], deadline: Deadline, *, refusable: bool = True) -> Encoding:
        """Embed texts; a text that comes twice is embedded once.

        Args:
            texts: in any order.
            deadline: after which nobody needs them.
            refusable: whether they may be refused when they can't be embedded in time; what the service needs for
                itself may not.

        Raises:
            OverloadedError: they can't be embedded before the deadline.
            DeadlineExceededError: the deadline passed before all were embedded; those that had not begun, and that
                nobody else waits for, never will be.
            EncoderError: the encoder failed.
        """
        deadline.check()
        if not texts:
            return self.nothing
        # The shortest first: texts of a length share a run, and little padding is computed.
        distinct = dict(sorted({text: self._estimate(text) for text in texts}.items(), key=itemgetter(1)))
        parts = _parts(distinct)
        with self._lock:
            jobs = self._take_on(parts, deadline, refusable=refusable)
            wanted = [
                (self._ask_for(text, units, job), job)
                for part, job in zip(parts, jobs, strict=True)
                for text, units in part
            ]
            self._call_threads()
        try:
            embedded = await _all_of([one for one, _ in wanted], deadline)
        finally:
            with self._lock:
                for one, job in wanted:
                    self._release(one, job)
        _note_wait(wanted)
        return _joined([embedded[text] for text in texts], self._encoder.dimension)

    def refuse_late(
        self,
        parts: Sequence[int],
        due_s: float,
        *,
        arrived_s: float,
        now_s: float,
        promised: bool = False,
        alone: bool = False,
    ) -> Offer:
        """What would become of a request that came so long ago; see `Schedule.offer`.

        Raises:
            OverloadedError: it would be late.
        """
        reserve_s = 0.0 if promised or math.isinf(due_s) else self._margin.seconds(now_s, due_s - arrived_s)
        offer = self._schedule.offer(parts, due_s, now_s, reserve_s=reserve_s, alone=alone)
        if offer.late_s:
            self._metrics.refused.labels("overloaded").inc()
            raise OverloadedError(
                "these texts can't be embedded within the deadline; try again later, or allow more time",
                retry_after_s=self._promises.wait_s(offer.late_s, offer.own_s, now_s),
            )
        return offer

    def close(self) -> None:
        """Let the threads end; what they are at is finished, what waits is late."""
        with self._lock:
            self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _wait(self, units: int) -> None:
        self._waiting_units += units
        self._metrics.queue_tokens.inc(units)  # several models may have what waits

    def _estimate(self, text: str) -> int:
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        return _TEXT_UNITS + min(self._max_tokens, 2 + math.ceil(size / _BYTES_PER_TOKEN))

    def _under_way_s(self, now_s: float) -> float:
        """How long what the threads are at will take all of them, at that moment; nothing, if one is free."""
        if len(self._running) < self._threads:
            return 0.0
        # What takes longer than predicted takes as long again, for all one knows: a thread that hangs is soon known to.
        left = (self._rate.seconds(one.units) - (now_s - one.begun_s) / self._threads for one in self._running)
        return sum(map(abs, left))

    def _take_on(self, parts: Sequence[_Part], deadline: Deadline, *, refusable: bool) -> list[Job]:
        """Give the parts of a request their places, unless they would be late there.

        Raises:
            OverloadedError: they would.
        """
        now_s, ticket = time.perf_counter(), current_ticket.get()
        units = [sum(units for text, units in part if not self._is_begun(text)) for part in parts]
        units[-1] += _BATCH_UNITS
        due_s = deadline.moment_s if refusable else math.inf
        if ticket is not None:
            ticket.units += sum(units)
            ticket.queue = self
        arrived_s, promised, alone = now_s, False, True
        if ticket is not None:
            arrived_s, promised, alone = ticket.arrived_s, ticket.promised, ticket.alone
        offer = self.refuse_late(units, due_s, arrived_s=arrived_s, now_s=now_s, promised=promised, alone=alone)
        self._promises.kept(offer.own_s)
        if ticket is not None:
            ticket.scheduled_s, ticket.margin = offer.done_s, self._margin
            ticket.work_s += offer.own_s
        return self._schedule.add(offer, due_s, now_s)

    def _is_begun(self, text: str) -> bool:
        known = self._asked_for.get(text)
        return known is not None and known.begun

    def _ask_for(self, text: str, units: int, job: Job) -> _Text:
        one = self._asked_for.get(text)
        if one is None:
            done: asyncio.Future[_Embedded] = asyncio.get_running_loop().create_future()
            one = self._asked_for[text] = _Text(text, units, done, [job], job)
            one.done.add_done_callback(_heard_of)
            self._wait(units)
            self._enqueue(one, job)
        else:
            one.jobs.append(job)
            if not one.begun and job.place < one.job.place:
                self._schedule.begin(one.job, one.units)
                self._enqueue(one, job)
        return one

    def _enqueue(self, one: _Text, job: Job) -> None:
        """Have a text done as part of a job; where it stood before, it is passed over."""
        one.job = job
        self._schedule.give(job, one.units)
        heapq.heappush(self._queue, (job.place, next(self._sequence), one))

    def _release(self, one: _Text, job: Job) -> None:
        one.jobs.remove(job)
        if one.begun:
            return
        if one.job is job:
            self._schedule.begin(job, one.units)
            if one.jobs:
                self._enqueue(one, min(one.jobs, key=lambda other: other.place))
        if not one.jobs:
            # It stays in the queue, to be passed over; whoever asks for the same text from now on asks anew.
            del self._asked_for[one.text]
            self._wait(-one.units)

    def _call_threads(self) -> None:
        """Give batches to the threads that have none; each goes on until nothing waits."""
        while self._at_work < self._threads:
            batch, late = self._next_batch()
            _tell_late(late)
            if batch is None:
                return
            self._at_work += 1
            self._running.add(batch)
            self._executor.submit(self._work, batch, asyncio.get_running_loop())

    def _work(self, first: _Batch, loop: asyncio.AbstractEventLoop) -> None:
        """On a thread: embed a batch, and then what waits."""
        batch: _Batch | None = first
        while batch is not None:
            texts, outcome = batch.texts, self._outcome([one.text for one in batch.texts])
            batch.took_s = time.perf_counter() - batch.begun_s
            with self._lock:
                self._running.discard(batch)
                for one in texts:
                    del self._asked_for[one.text]
                if not isinstance(outcome[0], EncoderError):
                    self._learn(batch)
                batch, late = self._next_batch()
                if batch is None:
                    self._at_work -= 1
                else:
                    self._running.add(batch)
            try:
                loop.call_soon_threadsafe(_tell, texts, outcome)
                loop.call_soon_threadsafe(_tell_late, late)
            except RuntimeError:  # the loop is closed, and nobody waits
                return

    def _outcome(self, texts: Sequence[str]) -> Sequence[_Embedded | EncoderError]:
        """On a thread: texts embedded; what goes wrong with an encoding, too, is the error of those who wait for it."""
        try:
            return self._embed(texts)
        except Exception as error:  # noqa: BLE001 (it is told to whoever waits, whatever it is)
            if len(texts) > 1:  # each by itself: one that can't be embedded is no misfortune of the others
                return [outcome for one in texts for outcome in self._outcome([one])]
            return [EncoderError("the text could not be embedded").with_traceback(error.__traceback__)]

    def _embed(self, texts: Sequence[str]) -> list[_Embedded]:
        parts = _split(self._encoder.encode(texts))
        if len(parts) != len(texts):
            raise EncoderError(f"the encoder gave {len(parts)} vectors for {len(texts)} texts")
        return parts

    def _next_batch(self) -> tuple[_Batch | None, Sequence[_Text]]:
        """The texts that a free thread takes, and those that are late.

        A thread takes no more than its share of what waits, so that none stays idle.
        """
        late: list[_Text] = []
        texts: list[_Text] = []
        if self._closed:
            return None, [one for one in self._asked_for.values() if not one.begun]
        share = math.ceil(self._waiting_units / (self._threads - len(self._running)))
        most = min(self._batch_tokens, max(_SMALLEST_BATCH, share))
        now_s = time.perf_counter()
        units = 0
        while self._queue and (not texts or units + self._queue[0][2].units <= most):
            place, _, one = heapq.heappop(self._queue)
            if one.begun or not one.jobs or place != one.job.place:
                continue
            one.begun_s = now_s
            self._wait(-one.units)
            self._schedule.begin(one.job, one.units)
            if max(job.due_s for job in one.jobs) <= now_s:
                del self._asked_for[one.text]
                late.append(one)
                continue
            texts.append(one)
            units += one.units
        if not texts:
            return None, late
        self._metrics.stages["queue"].observe(now_s - min(one.since for one in texts))
        together = len(self._running) + 1 >= self._threads
        return _Batch(texts, _BATCH_UNITS + units, now_s, together), late

    def _learn(self, batch: _Batch) -> None:
        """What a thread does alone tells what all do together within bounds.

        At best none of them slows another down; at worst they get no more done than one. What was learned before is
        believed between the two. It is learned in both directions: a rate that only ever grew, from one client's now
        and then slower batches, would refuse the next burst.
        """
        together_s = batch.took_s / self._threads
        if not batch.together:
            together_s = min(batch.took_s, max(together_s, self._rate.seconds(batch.units)))
        self._rate.learn(batch.units, together_s)


def _parts(distinct: dict[str, int]) -> list[_Part]:
    """A request's texts with their units, in parts that are neither small nor many."""
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


def _note_wait(wanted: Sequence[tuple[_Text, Job]]) -> None:
    ticket = current_ticket.get()
    if ticket is not None:
        ticket.waited_s += max(0.0, *(one.begun_s - job.came_s for one, job in wanted))


async def _all_of(wanted: Sequence[_Text], deadline: Deadline) -> dict[str, _Embedded]:
    """What became of texts, by text; they are others' too, so that they are watched, and never awaited themselves.

    Raises:
        DeadlineExceededError: the deadline passed first.
        EncoderError: a text could not be embedded.
    """
    left = {one.done for one in wanted}
    if left:
        _, late = await asyncio.wait(left, timeout=deadline.remaining_s(), return_when=asyncio.FIRST_EXCEPTION)
        failure = next((error for one in wanted if one.done.done() and (error := one.done.exception())), None)
        if failure is not None:
            if isinstance(failure, DeadlineExceededError):
                raise DeadlineExceededError
            # An error of each waiter's own: a shared one would gather the frames of all of them.
            raise EncoderError(*failure.args).with_traceback(failure.__traceback__)
        if late:
            raise DeadlineExceededError
    return {one.text: one.done.result() for one in wanted}


def _tell(texts: Sequence[_Text], outcome: Sequence[_Embedded | EncoderError]) -> None:
    for one, became in zip(texts, outcome, strict=True):
        if isinstance(became, EncoderError):
            one.done.set_exception(became)
        else:
            one.done.set_result(became)


def _tell_late(texts: Sequence[_Text]) -> None:
    for one in texts:
        if not one.done.done():  # several threads tell it when there is an end to all
            one.done.set_exception(DeadlineExceededError())


def _heard_of(done: asyncio.Future[_Embedded]) -> None:
    """Who waits for several texts hears of the first that fails; asyncio would log what the others say."""
    if not done.cancelled():
        done.exception()


def _split(encoding: Encoding) -> list[_Embedded]:
    columns = encoding.tokens.tolist(), encoding.truncated.tolist(), encoding.readable.tolist()
    parts = zip(encoding.vectors, encoding.windows, *columns, encoding.terms, strict=True)
    return [_Embedded(*one) for one in parts]


def _joined(parts: Sequence[_Embedded], dimension: int) -> Encoding:
    vectors = np.stack([one.vector for one in parts]) if parts else np.zeros((0, dimension), dtype=np.float32)
    return Encoding(
        vectors=vectors,
        windows=[one.windows for one in parts],
        tokens=np.array([one.tokens for one in parts], dtype=np.int64),
        truncated=np.array([one.truncated for one in parts], dtype=np.bool_),
        readable=np.array([one.readable for one in parts], dtype=np.bool_),
        terms=[one.terms for one in parts],
    )
