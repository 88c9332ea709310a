"""The prediction for an admitted request, and how long its work waited."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from service.admission.arrival import Arrival
from service.admission.connection_history import Queue
from service.admission.margin import Margin

Size = Literal["small", "medium", "large"]
_SMALL_S, _MEDIUM_S = 0.01, 0.1

current_ticket: ContextVar["Ticket | None"] = ContextVar("current_ticket", default=None)


@dataclass(slots=True)
class Ticket:
    """An admitted request; moments are `time.perf_counter` seconds.

    Attributes:
        scheduled_s: when its work will be done, by the schedule that it was in last.
        margin: how much later than by that schedule answers are.
        work_s: predicted duration of its own work.
        waited_s: how long its work waited before the last part began.
        units: its work for the encoder.
        queue: the encoder's; None if it needed no encoding.
    """

    arrival: Arrival
    scheduled_s: float
    margin: Margin
    work_s: float
    waited_s: float = 0.0
    units: int = 0
    queue: Queue | None = None

    @property
    def predicted_s(self) -> float:
        """The predicted moment of its answer."""
        return self.scheduled_s + self.margin.mean_s

    @property
    def size(self) -> Size:
        """Class by predicted work: under 10 ms, under 100 ms, or more."""
        return "small" if self.work_s < _SMALL_S else "medium" if self.work_s < _MEDIUM_S else "large"
