"""A shape: rate over time, faults and bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from loadtests.load.recording import GRACE, Phase


class Act(Enum):
    """A kind of fault."""

    STOP_REDIS = "Redis was stopped"
    START_REDIS = "Redis was started again"
    SWAP_MODEL = "another model took over"


@dataclass(frozen=True)
class Fault:
    """A fault at a second of the run."""

    second: float
    act: Act


class Figure(Enum):
    """A metric of a phase."""

    P99_MS = "p99 from the intended start, ms"
    FAILED = "failed, share of sent"
    REFUSED = "refused, share of sent"
    LATE = "late, share of sent"
    SENT = "sent, share of asked"
    ENDED_IN_TIME = f"ended within {GRACE:g} deadlines, share of admitted"
    GOODPUT = "answered in time, share of what the knee allows"


@dataclass(frozen=True)
class Bound:
    """A bound on a metric of a phase."""

    figure: Figure
    phase: str
    most: float | None = None
    least: float | None = None


@dataclass(frozen=True)
class Shape:
    """The shape of a run.

    Attributes:
        name: of the shape.
        curve: points (second, requests per second) in order, linearly interpolated.
        phases: in order, without gaps; the last one's end is that of the run.
        bounds: of the metrics.
        faults: to inject.
        cold: start with empty stores, and send candidates with their texts.
        to_knee: phases after the first are steps, and the run ends with the first step that does not hold.
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
        """The phases that are steps towards the knee."""
        return self.phases[1:] if self.to_knee else ()

    @property
    def duration_s(self) -> float:
        """Its duration."""
        return self.phases[-1].end_s

    def rate_at(self, second: float) -> float:
        """The requests per second at a time, without retries; before the run, that at its start."""
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
