"""The recent requests of a connection, which predict the next one's work for the encoder before it is parsed.

Refusing a request after it is parsed costs the event loop more than twice as much as refusing it before, and refused
clients come again: a crowd of them would take a good part of the loop from those that are admitted. An unparsed body
does not say which of its texts are known already. Its connection does: one that has sent new texts so far will send new
texts again, more of them in a longer body. A connection is judged by its own requests alone.
"""

import math
import weakref
from collections import deque
from collections.abc import Sequence
from statistics import fmean
from typing import Protocol

from service.admission.arrival import Arrival
from service.errors import OverloadedError

_LAST = 8
_PROBE_EVERY = 8


class Queue(Protocol):
    """The queue of work for an encoder."""

    def refuse_late(self, parts: Sequence[int], due_s: float, now_s: float, arrival: Arrival) -> object:
        """Refuse work that can't be done in time, given the units of each part.

        Raises:
            OverloadedError: it can't be done in time.
        """


class ConnectionHistory:
    """The recent requests of one connection, and the promise made to it.

    A connection whose requests need no encoding is never refused here. One that begins to send such requests may be
    refused a few times, since every eighth refusal is skipped. A request that waited as `Retry-After` said takes
    precedence over those that did not; one that comes too early is given a new time.
    """

    def __init__(self) -> None:
        self._units_per_byte: deque[float] = deque(maxlen=_LAST)
        self._queue: weakref.ref[Queue] | None = None
        self._refused = 0
        self._promised_s = math.inf

    def promise(self, at_s: float) -> None:
        """Note when a refused request may come again; replaces an earlier promise."""
        self._promised_s = at_s

    def was_promised(self, now_s: float) -> bool:
        """Redeem the promise: whether a request that comes now was promised to be admitted."""
        if now_s < self._promised_s:
            return False
        self._promised_s = math.inf
        return True

    def learn(self, body_bytes: int, units: int, queue: Queue | None) -> None:
        """Note a request's size and its units of work for a queue; None if it needed no encoding."""
        self._units_per_byte.append(units / max(1, body_bytes))
        if queue is not None:
            self._queue = weakref.ref(queue)

    def refuse_late(self, body_bytes: int, due_s: float, now_s: float, arrival: Arrival) -> None:
        """Refuse a request that will be late if it needs as much work, by its size, as the last ones.

        Raises:
            OverloadedError: it can't be answered in time.
        """
        queue = None if self._queue is None else self._queue()
        if queue is None or len(self._units_per_byte) < _LAST or not all(self._units_per_byte):
            return
        if self._refused == _PROBE_EVERY - 1:
            self._refused = 0
            return
        units = round(fmean(self._units_per_byte) * body_bytes)
        try:
            queue.refuse_late([units], due_s, now_s, arrival)
        except OverloadedError:
            self._refused += 1
            raise
