"""The open connections of a port: how many, and which of them is closed when there are too many or it has said nothing.

A connection on which nothing is in work waits for its client: for a request, for the rest of a head, for the rest of a
body that was refused. Where the limit is reached, the one that has waited longest makes room for a new one. So whoever
opens many and sends nothing locks out nobody: the newest always comes in.
"""

import asyncio
from typing import Protocol

from prometheus_client import Counter, Gauge

from service.http.bounds import Bounds
from service.http.start_queue import StartQueue

_SWEEP_S = 0.25


class Connection(Protocol):
    """What is known here of a connection.

    Attributes:
        due_s: when, by the loop's clock, its client must have done something.
    """

    due_s: float

    def expire(self) -> None:
        """The moment has passed."""

    def abort(self) -> None:
        """Close it now."""


class Connections:
    """Used from one event loop."""

    def __init__(self, bounds: Bounds, gauge: Gauge, refused: Counter) -> None:
        """Hold none yet.

        Args:
            bounds: of this port.
            gauge: is told how many there are.
            refused: requests refused, by reason.
        """
        self.bounds, self.refused = bounds, refused
        self.starts = StartQueue()
        self.unread_bytes = 0
        self._gauge = gauge
        self._open: set[Connection] = set()
        self._waiting: dict[Connection, None] = {}  # the one that has waited longest first
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> bool:
        """Whether there is room for one more, if need be in the place of one that waits."""
        if len(self._open) >= self.bounds.connections:
            oldest = next(iter(self._waiting), None)
            self.refused.labels("connections").inc()
            if oldest is None:
                return False
            self.remove(oldest)
            oldest.abort()
        self._open.add(connection)
        self._gauge.inc()
        if self._sweep is None:
            self._sweep_later()
        return True

    def remove(self, connection: Connection) -> None:
        """It is closed."""
        self._waiting.pop(connection, None)
        if connection in self._open:
            self._open.remove(connection)
            self._gauge.dec()

    def waits(self, connection: Connection) -> None:
        """It waits for its client from now on."""
        self._waiting.pop(connection, None)
        if connection in self._open:
            self._waiting[connection] = None

    def works(self, connection: Connection) -> None:
        """It waits for an answer of this service."""
        self._waiting.pop(connection, None)

    def _sweep_later(self) -> None:
        loop = asyncio.get_running_loop()
        # What has come while the loop was busy is read first: uvloop, in a turn of its own, looks at clocks before.
        self._sweep = loop.call_later(_SWEEP_S, lambda: loop.call_soon(loop.call_soon, self._expire, loop.time()))

    def _expire(self, now_s: float) -> None:
        self._sweep = None
        if self._open:
            self._sweep_later()
        for connection in [one for one in self._open if one.due_s <= now_s]:
            connection.expire()
