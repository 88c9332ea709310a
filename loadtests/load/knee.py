"""Where the knee is: the most that was asked and held, with all below it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from loadtests.load.recording import Gate, Phase, Second

_SETTLING = 1 / 3


@dataclass(frozen=True)
class Step:
    """What became of a step.

    Attributes:
        phase: its name.
        rate: requests a second, of the sessions that the step was for.
        asked: requests a second that were asked indeed: fewer where later pages of new sessions are still to come.
        p99_ms: from the intended start; None if nothing was answered.
        refused: attempts.
        missed: attempts.
        late: attempts.
        failed: attempts.
        held: whether nothing was refused, missed, late or failed, and p99 was within its bound.
    """

    phase: str
    rate: float
    asked: float
    p99_ms: float | None
    refused: int
    missed: int
    late: int
    failed: int
    held: bool

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def settled(phase: Phase) -> Phase:
    """The part of a step in which sessions that began before it no longer matter."""
    return Phase(phase.name, phase.start_s + _SETTLING * (phase.end_s - phase.start_s), phase.end_s, phase.rate)


def step_of(phase: Phase, whole: Second, seconds: int, most_p99_ms: float) -> Step:
    """Judge a step by the seconds of its settled part together, of which there are so many."""
    p99 = whole.from_intended.percentile_ms(99)
    clean = not (whole.refused or whole.missed or whole.late or whole.failed)
    held = clean and p99 is not None and p99 <= most_p99_ms
    asked = whole.asked / seconds
    return Step(phase.name, phase.rate, asked, p99, whole.refused, whole.missed, whole.late, whole.failed, held)


def knee_of(steps: Sequence[Step]) -> float | None:
    """What was asked in the last step before the first that did not hold; None if not even the first did."""
    held = 0
    while held < len(steps) and steps[held].held:
        held += 1
    return steps[held - 1].asked if held else None


def gate_of(steps: Sequence[Step], least: float | None) -> Gate:
    """Whether the knee is where it has to be at least; by default, behind the first step."""
    first = steps[0].asked if steps else 0.0
    return Gate("knee, requests/s", knee_of(steps), least=first if least is None else least)
