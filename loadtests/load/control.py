"""What the master does: it tells workers their parts, begins when all are ready, and knows when the run is over."""

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
        fleet: what is known of it; None until all workers are ready.
    """

    def __init__(self, tell: Tell, began: Callable[[Fleet], object]) -> None:
        """Do nothing yet.

        Args:
            tell: sends a worker a message: its kind, what it says, and whom; None: all of them.
            began: called when second 0 is known.
        """
        self._tell, self._began = tell, began
        self.fleet: Fleet | None = None
        self._ready = self._workers = 0

    def prepare(self, plan: Plan, host: str, workers: Sequence[str | None]) -> None:
        """Tell each worker what its part is."""
        self._plan, self._host, self._workers = plan, host, len(workers)
        for number, worker in enumerate(workers):
            self._tell(PREPARE, {"options": vars(plan.options), "worker": number, "workers": self._workers}, worker)

    def on_ready(self) -> None:
        """A worker is ready; the last of them begins the run."""
        self._ready += 1
        if self._ready == self._workers:
            started_at = time.time() + _LEAD_S
            self.fleet = Fleet(self._plan, host=self._host, workers=self._workers, started_at=started_at, now=time.time)
            self._began(self.fleet)
            self._tell(START, {"started_at": started_at}, None)

    def on_seconds(self, told: Mapping[str, Any]) -> None:
        """A worker tells what it saw."""
        if self.fleet is not None:
            self.fleet.told(told["worker"], told["seconds"], told["processor_s"])

    def on_done(self) -> None:
        """A worker has told all."""
        if self.fleet is not None:
            self.fleet.done()

    def is_over(self, workers: int) -> bool:
        """Whether there is nothing left to wait for; to be asked once a second, with how many workers there are."""
        if self.fleet is None:
            return False
        self.fleet.lose(self._workers - workers)
        if self.fleet.passed_knee():
            self._tell(STOP, {}, None)
        return self.fleet.is_over

    def finished(self, faults: int = 0) -> Recording | None:
        """The recording, if the run ever began; `faults` says how often the load generator itself failed."""
        return None if self.fleet is None else self.fleet.finished(faults)
