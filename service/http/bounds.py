"""Limits on what a client can use before it is authenticated."""

from dataclasses import dataclass
from typing import Self

from service.http.descriptors import usable_descriptors
from service.settings import Settings

_OTHER_DESCRIPTORS = 256  # files, Redis, threads' pipes
_PROBE_CONNECTIONS = 64


@dataclass(frozen=True)
class Bounds:
    """Limits on the connections of one port.

    Attributes:
        connections: open at the same time.
        head_bytes: of a request line and its headers.
        line_bytes: of a request's path and query.
        headers: of one request.
        unread_bytes: of requests queued behind the one in progress, on all connections together.
        linger_bytes: read and discarded of a refused body, so that its client reads the answer.
        keep_alive_s: a connection without a request is closed after it.
        head_s: from a request's first byte to the end of its headers.
        send_s: a client that reads nothing of its answer for this long is disconnected.
        linger_s: how long, at most, a refused body is read, with pauses of up to `linger_pause_s`.
    """

    connections: int = 4096
    head_bytes: int = 64 * 1024
    line_bytes: int = 8 * 1024
    headers: int = 100
    unread_bytes: int = 64 * 1024 * 1024
    linger_bytes: int = 256 * 1024 * 1024
    keep_alive_s: float = 75
    head_s: float = 10
    send_s: float = 60
    linger_s: float = 30
    linger_pause_s: float = 5

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The operator's limits, capped by the file descriptors that the system allows."""
        return cls(
            connections=min(settings.max_connections, max(1, usable_descriptors() - _OTHER_DESCRIPTORS)),
            head_bytes=settings.max_header_bytes,
            keep_alive_s=settings.keep_alive_s,
            head_s=settings.header_timeout_s,
            send_s=settings.send_timeout_s,
        )

    @classmethod
    def of_probes(cls, settings: Settings) -> Self:
        """Limits of the probe port, which has few clients."""
        return cls(
            connections=_PROBE_CONNECTIONS,
            keep_alive_s=settings.keep_alive_s,
            head_s=settings.header_timeout_s,
            send_s=settings.send_timeout_s,
        )
