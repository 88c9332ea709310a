"""A worker of a run: it prepares, sends its part of the traffic, and reports to the master."""

import gc
import time
from collections.abc import Callable, Mapping
from typing import Any

import gevent
from gevent.event import Event

from loadtests.load.answer import Answer
from loadtests.load.dispatcher import Attempt, Dispatcher, World
from loadtests.load.options import Options
from loadtests.load.plan import Plan
from loadtests.load.tally import Tally
from loadtests.load.traffic import traffic

Tell = Callable[[str, dict[str, Any]], object]
Send = Callable[[Attempt, bytes], Answer]
PREPARE, START, STOP = "fleet_prepare", "fleet_start", "fleet_stop"
READY, SECONDS, DONE = "fleet_ready", "fleet_seconds", "fleet_done"
_TELL_S = 1.0


class Worker:
    """One of several workers."""

    def __init__(self, tell: Tell) -> None:
        """Create it; `prepare` configures it.

        Args:
            tell: sends a message to the master: its kind and its content.
        """
        self._tell = tell
        self._started = Event()
        self._tally = Tally()
        self._since = 0.0

    def prepare(self, message: Mapping[str, Any]) -> None:
        """Prepare the slow parts, and report readiness."""
        self._plan = Plan(Options(**message["options"]))
        self._worker, self._workers = message["worker"], message["workers"]
        self._writer = self._plan.writer()
        gc.freeze()  # a full collection visits all of Locust and blocks for 50 ms
        self._tell(READY, {})

    def start(self, message: Mapping[str, Any]) -> None:
        """Set the run's second 0, given by wall clock and kept by a monotonic one."""
        self._since = time.perf_counter() + float(message["started_at"]) - time.time()
        self._started.set()

    def stop(self) -> None:
        """Start nothing more."""
        self._dispatcher.stop()

    def clock(self) -> float:
        """Seconds since the start of the run."""
        return time.perf_counter() - self._since

    def run(self, send: Send) -> None:
        """Send this worker's part from the start of the run, and report once a second."""
        self._started.wait()
        options, shape = self._plan.options, self._plan.shape
        world = World(
            clock=self.clock,
            sleep=gevent.sleep,
            spawn=gevent.spawn,
            body=self._writer.body,
            send=send,
            most_attempts=lambda device: self._plan.population.device(device).most_attempts,
        )
        self._dispatcher = Dispatcher(
            traffic(self._plan.arrivals, shape.duration_s, self._worker, self._workers),
            world,
            self._tally,
            until_s=shape.duration_s,
            most_under_way=-(-options.most_under_way // self._workers),
            deadline_s=options.deadline_s,
        )
        telling = gevent.spawn(self._tell_on)
        self._dispatcher.run(options.timeout)
        telling.kill()
        self._tell_seconds()
        self._tell(DONE, {})

    def _tell_on(self) -> None:
        while True:
            gevent.sleep(_TELL_S)
            self._tell_seconds()

    def _tell_seconds(self) -> None:
        report = {"worker": self._worker, "seconds": self._tally.drain(), "processor_s": time.process_time()}
        self._tell(SECONDS, report)
