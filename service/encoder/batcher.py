"""Texts of many requests in shared runs of the model, off the event loop.

While a thread is free, texts are embedded as they come: nobody waits for company. While all threads are busy, texts
queue, and the next free thread takes as many as a batch may hold, whosever they are. Who goes first is decided by
start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): each request's texts are tagged with the tokens of that
request before them, so a single query passes a thousand candidates that came before it, and neither starves.

A text that several requests wait for is embedded once. One that nobody waits for any more is not embedded. Requests
share texts, never a fate: one that gives up cancels nothing that another waits for.
"""

import asyncio
import heapq
import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.deadline import Deadline
from service.encoder.base import Encoder, Encoding
from service.encoder.terms import Terms
from service.errors import DeadlineExceededError, OverloadedError
from service.metrics import Metrics

_CHARACTERS_PER_TOKEN = 3  # fewer than English has: an estimate that is rather too high
_SMOOTHING = 0.2


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
        tokens: how many the model will read, estimated.
        done: resolved with what became of it.
        waiting: how many requests wait for it.
        begun: whether it has left the queue.
        since: when it was first asked for, in `time.perf_counter` seconds.
    """

    text: str = field(repr=False)  # asyncio prints what it complains of, and nobody's text is for a log
    tokens: int
    done: asyncio.Future[_Embedded] = field(repr=False)
    waiting: int = 1
    begun: bool = False
    since: float = field(default_factory=time.perf_counter)


class Batcher:
    """Embeds texts for whoever awaits them. Used from one event loop."""

    def __init__(
        self,
        encoder: Encoder,
        metrics: Metrics,
        *,
        threads: int,
        batch_tokens: int,
        queue_tokens: int,
        max_tokens: int,
    ) -> None:
        """Start no thread yet.

        Args:
            encoder: thread-safe.
            metrics: where to count.
            threads: batches at the same time.
            batch_tokens: most tokens of a batch, estimated; what a text waits for at most before its turn may come.
            queue_tokens: most tokens that may wait, estimated.
            max_tokens: how many tokens of a text are read, in all its windows.
        """
        self._encoder = encoder
        self._metrics = metrics
        self._batch_tokens = batch_tokens
        self._queue_tokens = queue_tokens
        self._max_tokens = max_tokens
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="encode")
        self._free = threads
        self._queue: list[tuple[float, int, _Text]] = []
        self._sequence = count()
        self._virtual_time = 0.0
        self._asked_for: dict[str, _Text] = {}
        self._waiting_tokens = 0
        self._tokens_per_s = 0.0

    @property
    def nothing(self) -> Encoding:
        """The encoding of no texts."""
        return _joined([], self._encoder.dimension)

    @property
    def waiting_tokens(self) -> int:
        """Tokens that wait for a thread, estimated."""
        return self._waiting_tokens

    async def encode(self, texts: Sequence[str], deadline: Deadline, *, refusable: bool = True) -> Encoding:
        """Embed texts; a text that comes twice is embedded once.

        Args:
            texts: in any order.
            deadline: after which nobody needs them.
            refusable: whether they may be refused when many wait; what the service needs for itself may not.

        Raises:
            OverloadedError: more tokens wait already than may.
            DeadlineExceededError: the deadline passed before all were embedded; those that had not begun, and that
                nobody else waits for, never will be.
            EncoderError: the encoder failed.
        """
        deadline.check()
        # The shortest first: texts of a length share a run, and little padding is computed.
        distinct = dict(sorted({text: self._estimate(text) for text in texts}.items(), key=itemgetter(1)))
        if refusable:
            self._admit(distinct)
        wanted = self._ask_for(distinct)
        self._dispatch()
        try:
            embedded = await _all_of(wanted, deadline)
        finally:
            for one in wanted:
                self._release(one)
        return _joined([embedded[text] for text in texts], self._encoder.dimension)

    def close(self) -> None:
        """Let the threads end; what they are at is finished."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _wait(self, tokens: int) -> None:
        self._waiting_tokens += tokens
        self._metrics.queue_tokens.set(self._waiting_tokens)

    def _estimate(self, text: str) -> int:
        return min(self._max_tokens, 2 + math.ceil(len(text) / _CHARACTERS_PER_TOKEN))

    def _admit(self, distinct: dict[str, int]) -> None:
        """A request that finds nothing waiting is taken, however large it is."""
        tokens = sum(distinct.values())
        if self._waiting_tokens and self._waiting_tokens + tokens > self._queue_tokens:
            seconds = self._waiting_tokens / self._tokens_per_s if self._tokens_per_s else 1.0
            raise OverloadedError("more texts wait to be embedded than may; try again later", retry_after_s=seconds)

    def _ask_for(self, distinct: dict[str, int]) -> list[_Text]:
        loop = asyncio.get_running_loop()
        start, wanted = self._virtual_time, []
        for text, tokens in distinct.items():
            one = self._asked_for.get(text)
            if one is None:
                one = self._asked_for[text] = _Text(text, tokens, loop.create_future())
                one.done.add_done_callback(_heard_of)
                heapq.heappush(self._queue, (start, next(self._sequence), one))
                self._wait(tokens)
                start += tokens
            else:
                one.waiting += 1
            wanted.append(one)
        return wanted

    def _release(self, one: _Text) -> None:
        one.waiting -= 1
        if one.waiting or one.begun:
            return
        # It stays in the queue, to be passed over; whoever asks for the same text from now on asks anew.
        del self._asked_for[one.text]
        self._wait(-one.tokens)

    def _dispatch(self) -> None:
        while self._free > 0 and (batch := self._next_batch()):
            self._metrics.stages["queue"].observe(time.perf_counter() - min(one.since for one in batch))
            self._run(batch)

    def _run(self, batch: Sequence[_Text]) -> None:
        self._free -= 1
        texts = [one.text for one in batch]
        running = asyncio.get_running_loop().run_in_executor(self._executor, self._embed, texts)
        running.add_done_callback(partial(self._finish, batch, time.perf_counter()))

    def _embed(self, texts: Sequence[str]) -> list[_Embedded]:
        """On a thread: what goes wrong with an encoding, too, is the error of those who wait for it."""
        parts = _split(self._encoder.encode(texts))
        if len(parts) != len(texts):
            raise EncoderError(f"the encoder gave {len(parts)} vectors for {len(texts)} texts")
        return parts

    def _next_batch(self) -> list[_Text]:
        batch: list[_Text] = []
        tokens = 0
        while self._queue and (not batch or tokens + self._queue[0][2].tokens <= self._batch_tokens):
            start, _, one = heapq.heappop(self._queue)
            if not one.waiting:
                continue
            self._virtual_time = start
            self._wait(-one.tokens)
            one.begun = True
            batch.append(one)
            tokens += one.tokens
        return batch

    def _finish(self, batch: Sequence[_Text], started: float, running: asyncio.Future[list[_Embedded]]) -> None:
        self._free += 1
        error = asyncio.CancelledError() if running.cancelled() else running.exception()
        if error is not None and len(batch) > 1 and not running.cancelled():
            for one in batch:  # each by itself: one that can't be embedded is no misfortune of the others
                self._run([one])
            return
        for one in batch:
            del self._asked_for[one.text]
        if error is None:
            self._measure(sum(one.tokens for one in batch), time.perf_counter() - started)
            for one, embedded in zip(batch, running.result(), strict=True):
                one.done.set_result(embedded)
        else:
            for one in batch:
                one.done.set_exception(
                    EncoderError("the text could not be embedded").with_traceback(error.__traceback__)
                )
        if not running.cancelled():
            self._dispatch()

    def _measure(self, tokens: int, seconds: float) -> None:
        rate = tokens / max(seconds, 1e-6)
        self._tokens_per_s += (_SMOOTHING if self._tokens_per_s else 1.0) * (rate - self._tokens_per_s)


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
            # An error of each waiter's own: a shared one would gather the frames of all of them.
            raise EncoderError(*failure.args).with_traceback(failure.__traceback__)
        if late:
            raise DeadlineExceededError
    return {one.text: one.done.result() for one in wanted}


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
