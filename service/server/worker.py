"""The main function of a worker process. Imports little before the process can be told to stop."""

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
    """Serve until told to stop; exits with code 1 if the worker can't start. See `serve_slot`."""
    exit_on_signals()
    link = Link(connection, finish_s=_FINISH_S)

    from service.server.serving import serve_slot  # noqa: PLC0415 -- takes seconds, in which it can be told to stop

    serve_slot(slot, model, folder, settings, sockets, link)
