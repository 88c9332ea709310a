"""How a request arrived, as far as that decides whether it is admitted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a request's body was complete, in `time.perf_counter` seconds.

    It is `promised` if it comes when `Retry-After` said, `alone` if there was no other request when it came.
    """

    at_s: float
    promised: bool = False
    alone: bool = False
