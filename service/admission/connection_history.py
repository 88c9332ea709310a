"""What a connection's requests ask of the encoder: so it is known of its next one, unparsed, that it can't be answered.

To refuse a request behind the parser takes the event loop more than twice as long as to refuse it at the door, and
clients that are refused come again: a crowd of them would take from those who are admitted a good part of the loop. But
a body says nothing at the door of what is known of its texts already. Its connection does: one that has asked for
unseen texts so far does so again, rather more for a longer body. Nobody pays for the habits of another connection.
"""

import math
import weakref
from collections import deque
from collections.abc import Sequence
from statistics import fmean
from typing import Protocol

from service.errors import OverloadedError

HABIT = "history"
"""In the state of a request: the `ConnectionHistory` of its connection."""
_LAST = 8
_LOOKED_AT_EVERY = 8


class Queue(Protocol):
    """Where work waits for the encoder."""

    def refuse_late(
        self, parts: Sequence[int], due_s: float, *, arrived_s: float, now_s: float, promised: bool = False
    ) -> object:
        """See whether so much can be done by then.

        Args:
            parts: units of each part of the work.
            due_s: when it must be done.
            arrived_s: when the request was there.
            now_s: the moment.
            promised: whether it comes when it was told to come again.

        Raises:
            OverloadedError: it can't.
        """


class ConnectionHistory:
    """The last requests of one connection.

    One that only ever asks for what is known is never refused here; one that does so for the first time may be, a few
    times, since every eighth request that would be refused is looked at all the same. One that waits as it was told is
    taken on before those who did not; who comes too early is told anew.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._units_per_byte: deque[float] = deque(maxlen=_LAST)
        self._queue: weakref.ref[Queue] | None = None
        self._refused = 0
        self._promised_s = math.inf

    def promise(self, at_s: float) -> None:
        """A request was told to come again at that moment; what was promised before holds no longer."""
        self._promised_s = at_s

    def was_promised(self, now_s: float) -> bool:
        """Whether the request that comes now was promised that it would be taken on; it is, once."""
        if now_s < self._promised_s:
            return False
        self._promised_s = math.inf
        return True

    def learn(self, body_bytes: int, units: int, queue: Queue | None) -> None:
        """A request with a body of that size asked a queue for so much; for nothing, if there is none."""
        self._units_per_byte.append(units / max(1, body_bytes))
        if queue is not None:
            self._queue = weakref.ref(queue)

    def refuse_late(self, body_bytes: int, due_s: float, *, arrived_s: float, now_s: float) -> None:
        """Refuse a request that asks for too much, if it asks for as much as the last ones, by its size.

        Raises:
            OverloadedError: it can't be answered in time.
        """
        queue = None if self._queue is None else self._queue()
        if queue is None or len(self._units_per_byte) < _LAST or not all(self._units_per_byte):
            return
        if self._refused == _LOOKED_AT_EVERY - 1:
            self._refused = 0
            return
        units = round(fmean(self._units_per_byte) * body_bytes)
        try:
            queue.refuse_late([units], due_s, arrived_s=arrived_s, now_s=now_s)
        except OverloadedError:
            self._refused += 1
            raise
