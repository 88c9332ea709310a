"""A worker as its supervisor sees it."""

import multiprocessing
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from service.process.signal_handlers import signals_blocked
from service.server.worker import work
from service.settings import Settings
from service.workers.message import Message

multiprocessing.allow_connection_pickling()
_spawn = multiprocessing.get_context("spawn")


class WorkerProcess:
    """A process that serves in one slot.

    Attributes:
        slot: its number.
        model: the number of the model that it serves, or is to start with.
        started: whether it has a model that answers.
        ready_at: since when it holds what it should; None: it does not yet.
        accepting: whether it was told to take connections.
        retired: whether its end is wanted, and so no death.
        silent: how many questions in a row it has not answered.
    """

    def __init__(
        self, slot: int, model: int, path: Path, folder: Path, settings: Settings, sockets: Sequence[socket.socket]
    ) -> None:
        """Start it.

        Args:
            slot: its number.
            model: the number of the model that it is to start with.
            path: where that is.
            folder: what workers share.
            settings: what the operator decided.
            sockets: where to listen.
        """
        self.slot, self.model = slot, model
        self.started = self.accepting = self.retired = False
        self.ready_at: float | None = None
        self.silent = 0
        self.connection, theirs = _spawn.Pipe()
        self._process = _spawn.Process(
            target=work, args=(slot, path, folder, settings, list(sockets), theirs), name=f"worker-{slot}"
        )
        with signals_blocked():
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None  # noqa: S101 -- it was started
        return self._process.pid

    @property
    def sentinel(self) -> int:
        """Becomes readable when the process ends."""
        return self._process.sentinel

    @property
    def ready_s(self) -> float | None:
        """How long it has been ready; None: it is not yet."""
        return None if self.ready_at is None else monotonic() - self.ready_at

    def tell(self, message: Message) -> None:
        """Send it a message. If it is no more, its sentinel tells."""
        try:
            self.connection.send_bytes(message.to_bytes())
        except OSError:
            return

    def heard(self) -> list[Message]:
        """What it has told."""
        messages = []
        try:
            while self.connection.poll():
                messages.append(Message.from_bytes(self.connection.recv_bytes()))
        except (EOFError, OSError):
            pass
        return messages

    def kill(self) -> None:
        """End it, whatever it is at."""
        self._process.kill()

    def bury(self) -> str:
        """Let go of one that has ended; returns how it ended."""
        self._process.join()
        code = self._process.exitcode
        self.connection.close()
        self._process.close()
        if code is not None and code < 0:
            return f"signal {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"signal {-code}"
        return f"exit code {code}"
