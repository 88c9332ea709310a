"""A worker: a process that serves one slot of a service. Imports little before it can be told to stop."""

import socket
from multiprocessing.connection import Connection
from pathlib import Path

from service.process.signal_handlers import exit_on_signals
from service.settings import Settings
from service.workers.link import Link

_FINISH_S = 5.0


def work(
    slot: int, model: Path, folder: Path, settings: Settings, sockets: list[socket.socket], connection: Connection
) -> None:
    """Serve until told to stop; exits with code 1 if it can't start.

    Args:
        slot: which worker of the service this is.
        model: the artifact to begin with.
        folder: what the workers of the service share.
        settings: what the operator decided.
        sockets: where to listen.
        connection: the channel to the supervisor.
    """
    exit_on_signals()
    link = Link(connection, finish_s=_FINISH_S)

    from service.server.run import serve_slot  # noqa: PLC0415 -- takes seconds, in which it can be told to stop

    serve_slot(slot, model, folder, settings, sockets, link)
