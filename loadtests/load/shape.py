"""How much is asked when, what happens meanwhile, and what has to hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from loadtests.load.recording import GRACE, Phase


class Act(Enum):
    """What is done to the service while it is under load."""

    STOP_REDIS = "Redis was stopped"
    START_REDIS = "Redis was started again"
    SWAP_MODEL = "another model took over"


@dataclass(frozen=True)
class Fault:
    """An act, and the second in which it is done."""

    second: float
    act: Act


class Figure(Enum):
    """What a gate looks at, over a phase."""

    P99_MS = "p99 from the intended start, ms"
    FAILED = "failed, share of sent"
    REFUSED = "refused, share of sent"
    LATE = "late, share of sent"
    SENT = "sent, share of asked"
    ENDED_IN_TIME = f"ended within {GRACE:g} deadlines, share of admitted"
    GOODPUT = "answered in time, share of what the knee allows"


@dataclass(frozen=True)
class Bound:
    """What a figure of a phase may be."""

    figure: Figure
    phase: str
    most: float | None = None
    least: float | None = None


@dataclass(frozen=True)
class Shape:
    """A run to be.

    Attributes:
        name: of it.
        curve: points (second, requests a second), in order, straight lines between them.
        phases: in order, without gaps; the last one's end is the run's.
        bounds: what has to hold.
        faults: what is done when.
        cold: the service begins with nothing stored, and candidates come with their texts.
        to_knee: the phases behind the first are steps, and the run ends with the first of them that does not hold.
    """

    name: str
    curve: Sequence[tuple[float, float]]
    phases: Sequence[Phase]
    bounds: Sequence[Bound]
    faults: Sequence[Fault] = ()
    cold: bool = False
    to_knee: bool = False

    @property
    def steps(self) -> Sequence[Phase]:
        """Those that are judged on the way to the knee."""
        return self.phases[1:] if self.to_knee else ()

    @property
    def duration_s(self) -> float:
        """How long it takes."""
        return self.phases[-1].end_s

    def rate_at(self, second: float) -> float:
        """Requests a second that are to begin then, retries not counted; before the run, as at its start."""
        before = self.curve[0]
        for point in self.curve:
            if point[0] > second:
                span = point[0] - before[0]
                return before[1] + (point[1] - before[1]) * ((second - before[0]) / span if span else 0.0)
            before = point
        return before[1]

    def phase_at(self, second: float) -> Phase:
        """The phase that a second is in."""
        return next((one for one in self.phases if second < one.end_s), self.phases[-1])
