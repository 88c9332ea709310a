"""The master of a run: it configures the workers, starts when all are ready, and detects the end."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loadtests.load.fleet import Fleet
from loadtests.load.plan import Plan
from loadtests.load.recording import Recording
from loadtests.load.worker import PREPARE, START, STOP

_LEAD_S = 1.0
Tell = Callable[[str, dict[str, Any], str | None], object]


class Control:
    """A run from its preparation to its recording.

    Attributes:
        fleet: its state; None until all workers are ready.
    """

    def __init__(self, tell: Tell, began: Callable[[Fleet], object]) -> None:
        """Create it.

        Args:
            tell: sends a message to a worker: its kind, its content, and the worker or None for all.
            began: called when second 0 is known.
        """
        self._tell, self._began = tell, began
        self.fleet: Fleet | None = None
        self._ready = self._workers = 0

    def prepare(self, plan: Plan, host: str, workers: Sequence[str | None]) -> None:
        """Configure the workers."""
        self._plan, self._host, self._workers = plan, host, len(workers)
        for number, worker in enumerate(workers):
            self._tell(PREPARE, {"options": vars(plan.options), "worker": number, "workers": self._workers}, worker)

    def on_ready(self) -> None:
        """Register a ready worker; the last one starts the run."""
        self._ready += 1
        if self._ready == self._workers:
            started_at = time.time() + _LEAD_S
            self.fleet = Fleet(self._plan, host=self._host, workers=self._workers, started_at=started_at, now=time.time)
            self._began(self.fleet)
            self._tell(START, {"started_at": started_at}, None)

    def on_seconds(self, message: Mapping[str, Any]) -> None:
        """Add a worker's counts."""
        if self.fleet is not None:
            self.fleet.add(message["worker"], message["seconds"], message["processor_s"])

    def on_done(self) -> None:
        """Register a finished worker."""
        if self.fleet is not None:
            self.fleet.done()

    def is_over(self, workers: int) -> bool:
        """Whether the run is over; call it once a second with the number of connected workers."""
        if self.fleet is None:
            return False
        self.fleet.lose(self._workers - workers)
        if self.fleet.passed_knee():
            self._tell(STOP, {}, None)
        return self.fleet.is_over

    def finished(self, faults: int = 0) -> Recording | None:
        """The recording, if the run started; `faults` is the number of failures of the load generator itself."""
        return None if self.fleet is None else self.fleet.finished(faults)
