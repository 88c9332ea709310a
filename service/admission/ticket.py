"""What is known of a request that has been admitted: when its answer was predicted, and how long its work waited."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from service.admission.habit import Queue
from service.admission.margin import Margin

Size = Literal["small", "medium", "large"]
_SMALL_S, _MEDIUM_S = 0.01, 0.1

current_ticket: ContextVar["Ticket | None"] = ContextVar("current_ticket", default=None)


@dataclass(slots=True)
class Ticket:
    """A request's way through the service; moments are `time.perf_counter` seconds.

    Attributes:
        arrived_s: when its body was there.
        scheduled_s: when what it waits for will be done, by the schedule that it was in last.
        margin: how much later than by that schedule answers are there.
        work_s: how long its own work takes, as predicted.
        waited_s: how long its work waited before the last of it was begun.
        promised: whether it comes when it was told to come again.
        alone: whether there was no other request when it came.
        units: what it asked of the encoder.
        queue: where; None if it asked for nothing.
    """

    arrived_s: float
    scheduled_s: float
    margin: Margin
    work_s: float
    waited_s: float = 0.0
    promised: bool = False
    alone: bool = False
    units: int = 0
    queue: Queue | None = None

    @property
    def predicted_s(self) -> float:
        """When its answer will be there."""
        return self.scheduled_s + self.margin.mean_s

    @property
    def size(self) -> Size:
        """A class of work: under 10 ms of it, under 100 ms, or more."""
        return "small" if self.work_s < _SMALL_S else "medium" if self.work_s < _MEDIUM_S else "large"
