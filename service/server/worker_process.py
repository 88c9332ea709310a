"""The supervisor's handle on a worker process."""

import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from service.process.signal_handlers import signals_blocked
from service.server.process_context import process_context
from service.server.worker import work
from service.settings import Settings
from service.workers.message import Message


class WorkerProcess:
    """A process that serves in one slot.

    Attributes:
        model: number of the model that it serves, or is to start with.
        started: whether its model answers.
        ready_at: when it had loaded all items; None: not yet.
        accepting: whether it may accept connections.
        retired: whether it is being replaced on purpose, so that its end is no failure.
    """

    def __init__(
        self, slot: int, model: int, path: Path, folder: Path, settings: Settings, sockets: Sequence[socket.socket]
    ) -> None:
        """Start the process, with the model of that number, which is in `path`; `folder` is shared by all workers."""
        self.slot, self.model = slot, model
        self.started = self.accepting = self.retired = False
        self.ready_at: float | None = None
        self.missed_pings = 0
        context = process_context()
        self.connection, theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(slot, path, folder, settings, list(sockets), theirs), name=f"worker-{slot}"
        )
        with signals_blocked():
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process.pid is not None  # noqa: S101 -- it was started
        return self._process.pid

    @property
    def sentinel(self) -> int:
        """Becomes readable when the process ends."""
        return self._process.sentinel

    @property
    def ready_s(self) -> float | None:
        """Seconds since it became ready; None: not yet."""
        return None if self.ready_at is None else monotonic() - self.ready_at

    def send(self, message: Message) -> None:
        """Send a message; one to a dead worker is lost, and its sentinel reports the death."""
        try:
            self.connection.send_bytes(message.to_bytes())
        except OSError:
            return

    def received(self) -> list[Message]:
        """The messages that it has sent since the last call."""
        messages = []
        try:
            while self.connection.poll():
                messages.append(Message.from_bytes(self.connection.recv_bytes()))
        except (EOFError, OSError):
            pass
        return messages

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    def reap(self) -> str:
        """Release the resources of a process that has ended; returns how it ended."""
        self._process.join()
        code = self._process.exitcode
        self.connection.close()
        self._process.close()
        if code is not None and code < 0:
            return f"signal {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"signal {-code}"
        return f"exit code {code}"
