"""The parent of the workers: starts them, replaces those that die, swaps the model in all, and stops them.

It is one loop over messages, deaths and signals, and never blocks for long itself. A worker goes through:

    (process started) -> has a model -> has all items -> accepts connections

When a service starts, workers accept connections as soon as they have a model, since somebody must answer probes that
the service is not ready. Later ones accept once they are ready: others serve meanwhile.
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

from service.metrics.worker_roster import Roster, write_roster
from service.process.signal_handlers import exit_if_lost
from service.server.restart_backoff import MATURE_S, RestartBackoff
from service.server.shutdown import FINISH_S, LINGER_S
from service.server.worker_process import WorkerProcess
from service.settings import Settings
from service.workers.message import Message
from service.workers.swap_coordinator import SwapCoordinator

_log = logging.getLogger(__name__)
_LONGEST_WAIT_S = 1.0
_PING_EVERY_S, _MAX_MISSED_PINGS = 5.0, 6  # patient: on a machine that is short of cores, slow workers are not stuck
_KILL_AFTER_S = 5.0
_REGULAR = "exit code 0"
_Handler = Callable[[int, FrameType | None], None]


class Supervisor:
    """Runs the workers of a service."""

    def __init__(self, settings: Settings, folder: Path, models: Path, sockets: Sequence[socket.socket]) -> None:
        """Start no worker yet; all share `folder`. Of the snapshots in `models`, `0` is the one to start with.

        The supervisor closes its own sockets when the service stops.
        """
        self._settings, self._folder, self._sockets = settings, folder, sockets
        self._workers: dict[int, WorkerProcess] = {}
        self._backoff = {slot: RestartBackoff() for slot in range(settings.workers)}
        self._due: dict[int, float] = {}
        self._restarts = 0
        self._complete = False
        self._code = 0
        self._pinged_at = monotonic()
        self._kills_at: float | None = None
        self._to_stop = self._to_swap = self._to_kill = False
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._swaps = SwapCoordinator(models, self._slots_with_model, self._send, self._wake)

    def run(self) -> int:
        """Serve until told to stop; returns 0 if all workers stopped by themselves when they were told to."""
        with self._handling_signals(), self._killing_workers():
            for slot in self._backoff:
                self._start(slot)
            while self._workers or self._kills_at is None:
                self._wait()
                self._act_on_signals()
                for slot, worker in list(self._workers.items()):
                    self._receive(slot, worker)
                for slot in self._swaps.step():
                    self._workers[slot].kill()
                self._start_due()
                self._admit()
                self._check_health()
        return self._code

    @contextlib.contextmanager
    def _killing_workers(self) -> Iterator[None]:
        """Leave no worker behind, whatever goes wrong in the block."""
        try:
            yield
        finally:
            for worker in self._workers.values():
                worker.kill()
                worker.reap()

    @contextlib.contextmanager
    def _handling_signals(self) -> Iterator[None]:
        handlers: dict[signal.Signals, _Handler] = {signal.SIGTERM: self._on_stop, signal.SIGINT: self._on_stop}
        if sys.platform != "win32":
            handlers[signal.SIGHUP] = self._on_hangup
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)
        exit_if_lost()
        yield
        for number in handlers:
            signal.signal(number, signal.SIG_IGN)  # it is stopping already

    def _on_stop(self, number: int, _frame: FrameType | None) -> None:
        self._to_kill = self._to_stop and number == signal.SIGINT  # the second Ctrl-C
        self._to_stop = True
        self._wake()

    def _on_hangup(self, _number: int, _frame: FrameType | None) -> None:
        self._to_swap = True
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is full: the loop will wake up
            self._waker.send(b"\0")

    def _wait(self) -> None:
        now = monotonic()
        due = min([*self._due.values(), now + _LONGEST_WAIT_S]) - now
        workers = self._workers.values()
        sentinels, connections = [one.sentinel for one in workers], [one.connection for one in workers]
        multiprocessing.connection.wait([self._woken, *sentinels, *connections], max(0.0, due))
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)

    def _act_on_signals(self) -> None:
        if self._to_stop and self._kills_at is None:
            self._stop()
        if self._to_kill:
            for worker in self._workers.values():
                worker.kill()
        if self._to_swap:
            self._to_swap = False
            self._swaps.request(self._settings.model)

    def _stop(self) -> None:
        """Stop all workers; the last one to close a socket accepts the connections queued there."""
        _log.info("the service is stopping")
        self._swaps.close()
        for one in self._sockets:
            one.close()
        for worker in self._workers.values():
            worker.send(Message("stop"))
        self._due.clear()
        self._kills_at = monotonic() + self._settings.drain_s + LINGER_S + FINISH_S + _KILL_AFTER_S

    def _start(self, slot: int) -> None:
        self._due.pop(slot, None)
        model = self._swaps.current
        self._workers[slot] = WorkerProcess(
            slot, model, self._swaps.snapshot(), self._folder, self._settings, self._sockets
        )
        self._write_roster()

    def _start_due(self) -> None:
        now = monotonic()
        for slot in [slot for slot, due in self._due.items() if due <= now]:
            self._restarts += 1
            self._start(slot)

    def _receive(self, slot: int, worker: WorkerProcess) -> None:
        has_ended = bool(multiprocessing.connection.wait([worker.sentinel], 0))
        for message in worker.received():
            self._handle(slot, worker, message)
        if has_ended:
            self._reap(slot, worker)

    def _handle(self, slot: int, worker: WorkerProcess, message: Message) -> None:
        worker.missed_pings = 0
        match message.kind:
            case "started":
                worker.started = True
            case "ready":
                worker.ready_at = monotonic()
            case "requested":
                folder = self._settings.model if message.folder is None else Path(message.folder)
                if self._kills_at is None:
                    self._swaps.request(folder, (slot, message.number))
                else:
                    worker.send(Message("not_swapped", message.number))
            case "committed":
                worker.model = message.number
                self._swaps.handle(slot, message)
            case "prepared" | "refused":
                self._swaps.handle(slot, message)

    def _reap(self, slot: int, worker: WorkerProcess) -> None:
        ready_s = worker.ready_s
        how = worker.reap()
        del self._workers[slot]
        for path in self._folder.glob(f"gauge_live*_{slot}.db"):
            path.unlink(missing_ok=True)  # the last values of its gauges hold no longer
        self._swaps.lose(slot)
        self._write_roster()
        if self._kills_at is not None:
            if how != _REGULAR:
                _log.error("worker %d exited with %s", slot, how)
                self._code = 1
            return
        if not worker.retired:
            self._backoff[slot].record(ready_s)
        if self._backoff[slot].is_exhausted and not any(_is_mature(one) for one in self._workers.values()):
            _log.error("worker %d exited with %s; workers keep dying, so the service stops", slot, how)
            self._code = 1
            self._stop()
            return
        delay_s = self._backoff[slot].delay_s
        _log.log(
            logging.INFO if worker.retired or how == _REGULAR else logging.ERROR,
            "worker %d exited with %s; it is replaced in %g s",
            slot,
            how,
            delay_s,
        )
        self._due[slot] = monotonic() + delay_s

    def _admit(self) -> None:
        """Let workers accept connections when they may, and replace those that started with an outdated model."""
        if self._swaps.under_way or self._kills_at is not None:
            return
        for worker in self._workers.values():
            if worker.model != self._swaps.current and not worker.retired:
                worker.retired = True
                worker.kill()  # it has not accepted a connection yet
        fit = [one for one in self._workers.values() if not one.retired and one.started]
        somebody_is_ready = any(one.ready_at is not None for one in fit)
        for worker in fit:
            if not worker.accepting and (worker.ready_at is not None or not somebody_is_ready):
                worker.accepting = True
                worker.send(Message("accept"))
                if self._complete:
                    worker.send(Message("complete"))
        ready = [one for one in fit if one.ready_at is not None]
        if not self._complete and len(ready) == self._settings.workers:
            self._complete = True
            _log.info("all %d workers are ready", len(ready))
            for worker in ready:
                worker.send(Message("complete"))

    def _check_health(self) -> None:
        """Kill workers that do not answer pings, or do not stop in time."""
        now = monotonic()
        if self._kills_at is not None and now > self._kills_at:
            for worker in self._workers.values():
                worker.kill()
        if now - self._pinged_at < _PING_EVERY_S:
            return
        self._pinged_at = now
        for slot, worker in self._workers.items():
            if worker.missed_pings >= _MAX_MISSED_PINGS:
                _log.error("worker %d does not respond; it is killed", slot)
                worker.kill()
            worker.missed_pings += 1
            worker.send(Message("ping"))

    def _slots_with_model(self) -> Iterator[int]:
        return (slot for slot, one in self._workers.items() if one.started and not one.retired)

    def _send(self, slot: int, message: Message) -> None:
        if (worker := self._workers.get(slot)) is not None:
            worker.send(message)

    def _write_roster(self) -> None:
        pids = {slot: worker.pid for slot, worker in self._workers.items()}
        write_roster(self._folder, Roster(pids, self._restarts))


def _is_mature(worker: WorkerProcess) -> bool:
    return worker.ready_s is not None and worker.ready_s >= MATURE_S
