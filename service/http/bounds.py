"""What a client may take of a process before anybody knows who it is."""

from dataclasses import dataclass
from typing import Self

from service.http.descriptors import usable_descriptors
from service.settings import Settings

_DESCRIPTORS_OF_OTHERS = 256  # files, Redis, threads' pipes
_PROBE_CONNECTIONS = 64


@dataclass(frozen=True)
class Bounds:
    """Limits on connections and what comes over them.

    Attributes:
        connections: at the same time.
        head_bytes: of a request line and its headers.
        line_bytes: of a request's path and query.
        headers: of one request.
        unread_bytes: of requests that wait behind the one in work, on all connections together.
        linger_bytes: read and thrown away of a body that was refused, so that its client reads why.
        keep_alive_s: a connection without a request is closed after it.
        head_s: from a request's first byte to the end of its headers.
        send_s: a client that takes nothing of its answer for so long is gone.
        linger_s: how long, at most, a refused body is read.
        linger_pause_s: how long to wait for more of it.
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
        """What the operator decided, as far as the system has descriptors for it."""
        return cls(
            connections=min(settings.max_connections, max(1, usable_descriptors() - _DESCRIPTORS_OF_OTHERS)),
            head_bytes=settings.max_header_bytes,
            keep_alive_s=settings.keep_alive_s,
            head_s=settings.header_timeout_s,
            send_s=settings.send_timeout_s,
        )

    @classmethod
    def of_probes(cls, settings: Settings) -> Self:
        """The same for the port of probes, which few ask."""
        return cls(
            connections=_PROBE_CONNECTIONS,
            keep_alive_s=settings.keep_alive_s,
            head_s=settings.header_timeout_s,
            send_s=settings.send_timeout_s,
        )
