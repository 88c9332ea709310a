"""The parent of the workers: starts them, replaces those that die, swaps the model in all, and ends them.

It is one loop over messages, deaths and signals, and does nothing that takes long itself. A worker goes through:

    (started as a process) -> has a model -> holds the catalogue -> takes connections

At the start of a service, workers take connections as soon as they have a model, for somebody must tell that the
service is not ready. Later ones do so once they are ready: others serve meanwhile.
"""

import contextlib
import logging
import multiprocessing.connection
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from types import FrameType

from service.metrics.roster import Roster, write_roster
from service.server.deaths import MATURE_S, Deaths
from service.server.http_server import FINISH_S, LINGER_S
from service.server.worker_process import WorkerProcess
from service.settings import Settings
from service.workers.message import Message
from service.workers.swaps import Swaps

_log = logging.getLogger(__name__)
_LONGEST_WAIT_S = 1.0
_PING_EVERY_S, _MOST_SILENT = 5.0, 6  # on a machine that is short of cores nobody is to be killed for being slow
_KILL_AFTER_S = 5.0
_BY_ITSELF = "exit code 0"
_Handler = Callable[[int, FrameType | None], None]


class Supervisor:
    """Runs the workers of a service."""

    def __init__(self, settings: Settings, folder: Path, models: Path, sockets: Sequence[socket.socket]) -> None:
        """Start none yet.

        Args:
            settings: what the operator decided.
            folder: what the workers share.
            models: where copies of models are; `0` is the one to begin with.
            sockets: where workers listen; the supervisor closes its own when the service ends.
        """
        self._settings, self._folder, self._sockets = settings, folder, sockets
        self._workers: dict[int, WorkerProcess] = {}
        self._deaths = {slot: Deaths() for slot in range(settings.workers)}
        self._due: dict[int, float] = {}
        self._restarts = 0
        self._complete = False
        self._code = 0
        self._pinged_at = monotonic()
        self._ends_at: float | None = None
        self._to_end = self._to_swap = self._to_hurry = False
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._swaps = Swaps(models, self._with_model, self._tell, self._wake)

    def run(self) -> int:
        """Serve until told to end.

        Returns:
            The exit code: 0 if all workers have ended by themselves when they were told to.
        """
        with self._handling_signals(), self._leaving_nobody():
            for slot in self._deaths:
                self._start(slot)
            while self._workers or self._ends_at is None:
                self._wait()
                self._heed_signals()
                for slot, worker in list(self._workers.items()):
                    self._hear(slot, worker)
                for slot in self._swaps.step():
                    self._workers[slot].kill()
                self._start_those_due()
                self._admit()
                self._look_after()
        return self._code

    @contextlib.contextmanager
    def _leaving_nobody(self) -> Iterator[None]:
        """Whatever goes wrong here: no worker is to serve without a supervisor."""
        try:
            yield
        finally:
            for worker in self._workers.values():
                worker.kill()
                worker.bury()

    @contextlib.contextmanager
    def _handling_signals(self) -> Iterator[None]:
        handlers: dict[signal.Signals, _Handler] = {signal.SIGTERM: self._on_end, signal.SIGINT: self._on_end}
        if sys.platform != "win32":
            handlers[signal.SIGHUP] = self._on_hangup
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)
        yield
        for number in handlers:
            signal.signal(number, signal.SIG_IGN)  # it is ending already

    def _on_end(self, number: int, _frame: FrameType | None) -> None:
        self._to_hurry = self._to_end and number == signal.SIGINT  # somebody at a terminal does not want to wait
        self._to_end = True
        self._wake()

    def _on_hangup(self, _number: int, _frame: FrameType | None) -> None:
        self._to_swap = True
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is full of reasons to wake up
            self._waker.send(b"\0")

    def _wait(self) -> None:
        now = monotonic()
        due = min([*self._due.values(), now + _LONGEST_WAIT_S]) - now
        workers = self._workers.values()
        sentinels, connections = [one.sentinel for one in workers], [one.connection for one in workers]
        multiprocessing.connection.wait([self._woken, *sentinels, *connections], max(0.0, due))
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)

    def _heed_signals(self) -> None:
        if self._to_end and self._ends_at is None:
            self._end()
        if self._to_hurry:
            for worker in self._workers.values():
                worker.kill()
        if self._to_swap:
            self._to_swap = False
            self._swaps.ask(self._settings.model)

    def _end(self) -> None:
        """Have all workers end; the last one of them to close a socket takes who waits there."""
        _log.info("the service ends")
        self._swaps.close()
        for one in self._sockets:
            one.close()
        for worker in self._workers.values():
            worker.tell(Message("stop"))
        self._due.clear()
        self._ends_at = monotonic() + self._settings.drain_s + LINGER_S + FINISH_S + _KILL_AFTER_S

    def _start(self, slot: int) -> None:
        self._due.pop(slot, None)
        model = self._swaps.current
        self._workers[slot] = WorkerProcess(
            slot, model, self._swaps.snapshot(), self._folder, self._settings, self._sockets
        )
        self._tell_roster()

    def _start_those_due(self) -> None:
        now = monotonic()
        for slot in [slot for slot, due in self._due.items() if due <= now]:
            self._restarts += 1
            self._start(slot)

    def _hear(self, slot: int, worker: WorkerProcess) -> None:
        has_ended = bool(multiprocessing.connection.wait([worker.sentinel], 0))
        for message in worker.heard():
            self._heed(slot, worker, message)
        if has_ended:
            self._bury(slot, worker)

    def _heed(self, slot: int, worker: WorkerProcess, message: Message) -> None:
        worker.silent = 0
        match message.kind:
            case "started":
                worker.started = True
            case "ready":
                worker.ready_at = monotonic()
            case "asked":
                folder = self._settings.model if message.folder is None else Path(message.folder)
                if self._ends_at is None:
                    self._swaps.ask(folder, (slot, message.number))
                else:
                    worker.tell(Message("not_swapped", message.number))
            case "committed":
                worker.model = message.number
                self._swaps.hear(slot, message)
            case "prepared" | "refused":
                self._swaps.hear(slot, message)

    def _bury(self, slot: int, worker: WorkerProcess) -> None:
        ready_s = worker.ready_s
        how = worker.bury()
        del self._workers[slot]
        for path in self._folder.glob(f"gauge_live*_{slot}.db"):
            path.unlink(missing_ok=True)  # what it last said of itself is true no more
        self._swaps.lose(slot)
        self._tell_roster()
        if self._ends_at is not None:
            if how != _BY_ITSELF:
                _log.error("worker %d ended with %s", slot, how)
                self._code = 1
            return
        if not worker.retired:
            self._deaths[slot].record(ready_s)
        if self._deaths[slot].are_hopeless and not any(_is_mature(one) for one in self._workers.values()):
            _log.error("worker %d ended with %s; workers die again and again, and so the service ends", slot, how)
            self._code = 1
            self._end()
            return
        delay_s = self._deaths[slot].delay_s
        _log.log(
            logging.INFO if worker.retired or how == _BY_ITSELF else logging.ERROR,
            "worker %d ended with %s, and is replaced in %g s",
            slot,
            how,
            delay_s,
        )
        self._due[slot] = monotonic() + delay_s

    def _admit(self) -> None:
        """Let workers take connections that may, and replace those that started with a model which serves no more."""
        if self._swaps.under_way or self._ends_at is not None:
            return
        for worker in self._workers.values():
            if worker.model != self._swaps.current and not worker.retired:
                worker.retired = True
                worker.kill()  # it has not taken a connection yet
        fit = [one for one in self._workers.values() if not one.retired and one.started]
        somebody_is_ready = any(one.ready_at is not None for one in fit)
        for worker in fit:
            if not worker.accepting and (worker.ready_at is not None or not somebody_is_ready):
                worker.accepting = True
                worker.tell(Message("accept"))
                if self._complete:
                    worker.tell(Message("complete"))
        ready = [one for one in fit if one.ready_at is not None]
        if not self._complete and len(ready) == self._settings.workers:
            self._complete = True
            _log.info("all %d workers are ready", len(ready))
            for worker in ready:
                worker.tell(Message("complete"))

    def _look_after(self) -> None:
        """Kill workers that do not answer, or do not end when the service does."""
        now = monotonic()
        if self._ends_at is not None and now > self._ends_at:
            for worker in self._workers.values():
                worker.kill()
        if now - self._pinged_at < _PING_EVERY_S:
            return
        self._pinged_at = now
        for slot, worker in self._workers.items():
            if worker.silent >= _MOST_SILENT:
                _log.error("worker %d does not answer, and is killed", slot)
                worker.kill()
            worker.silent += 1
            worker.tell(Message("ping"))

    def _with_model(self) -> Iterator[int]:
        return (slot for slot, one in self._workers.items() if one.started and not one.retired)

    def _tell(self, slot: int, message: Message) -> None:
        if (worker := self._workers.get(slot)) is not None:
            worker.tell(message)

    def _tell_roster(self) -> None:
        pids = {slot: worker.pid for slot, worker in self._workers.items()}
        write_roster(self._folder, Roster(pids, self._restarts))


def _is_mature(worker: WorkerProcess) -> bool:
    return worker.ready_s is not None and worker.ready_s >= MATURE_S
