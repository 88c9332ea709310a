"""How a request arrived, as far as that decides whether it is admitted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """The arrival of a request.

    Attributes:
        at_s: when its body was complete, in `time.perf_counter` seconds.
        promised: whether it comes when `Retry-After` said.
        alone: whether there was no other request when it came.
    """

    at_s: float
    promised: bool = False
    alone: bool = False
