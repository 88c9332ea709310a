"""The open connections of a port: their number, and which are closed when there are too many or one is idle.

A connection without work in progress waits for its client: for a request, for the rest of a head, or for the rest of a
refused body. At the limit, the connection that has waited longest is closed in favour of a new one. So a client that
opens many and sends nothing locks out nobody: the newest always gets in.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import Counter, Gauge

from service.http.bounds import Bounds
from service.http.start_queue import StartQueue

_SWEEP_S = 0.25


class Connection(Protocol):
    """A connection as its port sees it; its client must act by the loop time `due_s`."""

    due_s: float

    def expire(self) -> None:
        """Handle that `due_s` has passed."""

    def abort(self) -> None:
        """Close it now."""


class Connections:
    """The connections of one port; used from one event loop."""

    def __init__(self, bounds: Bounds, gauge: Gauge, refused: Counter) -> None:
        """Start with none, counted by the gauge; `refused` counts requests by reason."""
        self.bounds, self.refused = bounds, refused
        self.starts = StartQueue()
        self.unread_bytes = 0
        self._gauge = gauge
        self._open: set[Connection] = set()
        self._waiting: dict[Connection, None] = {}  # in the order in which they began to wait
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> bool:
        """Add a connection, if need be in place of one that waits; False if there is no room."""
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
        """Forget a closed connection."""
        self._waiting.pop(connection, None)
        if connection in self._open:
            self._open.remove(connection)
            self._gauge.dec()

    def waits(self, connection: Connection) -> None:
        """Mark it as waiting for its client."""
        self._waiting.pop(connection, None)
        if connection in self._open:
            self._waiting[connection] = None

    def works(self, connection: Connection) -> None:
        """Mark it as waiting for this service."""
        self._waiting.pop(connection, None)

    def _sweep_later(self) -> None:
        loop = asyncio.get_running_loop()
        # uvloop runs timers before it reads sockets. Two further passes let it read what came while the loop was busy.
        self._sweep = loop.call_later(_SWEEP_S, lambda: loop.call_soon(loop.call_soon, self._expire, loop.time()))

    def _expire(self, now_s: float) -> None:
        self._sweep = None
        if self._open:
            self._sweep_later()
        for connection in [one for one in self._open if one.due_s <= now_s]:
            connection.expire()


@dataclass(frozen=True)
class Ports:
    """The connections of both ports, handed to the protocol in the lifespan state of the app."""

    main: Connections
    probes: Connections
    probe_port: int | None

    KEY = "edge_rank_ports"
    """Their key in the lifespan state."""

    def of(self, port: int | None) -> Connections:
        """The connections of a port."""
        return self.probes if port is not None and port == self.probe_port else self.main
