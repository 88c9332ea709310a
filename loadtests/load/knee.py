"""Where the knee is: the highest rate that was held, with those below it."""

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
        rate: requests a second that were asked for.
        p99_ms: from the intended start; None if nothing was answered.
        refused: attempts.
        missed: attempts.
        failed: attempts.
        held: whether nothing was refused, missed or failed, and p99 was within its bound.
    """

    phase: str
    rate: float
    p99_ms: float | None
    refused: int
    missed: int
    failed: int
    held: bool

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def settled(phase: Phase) -> Phase:
    """The part of a step in which sessions that began before it no longer matter."""
    return Phase(phase.name, phase.start_s + _SETTLING * (phase.end_s - phase.start_s), phase.end_s, phase.rate)


def step_of(phase: Phase, whole: Second, most_p99_ms: float) -> Step:
    """Judge a step by the seconds of its settled part together."""
    p99 = whole.from_intended.percentile_ms(99)
    clean = not (whole.refused or whole.missed or whole.failed)
    held = clean and p99 is not None and p99 <= most_p99_ms
    return Step(phase.name, phase.rate, p99, whole.refused, whole.missed, whole.failed, held)


def knee_of(steps: Sequence[Step]) -> float | None:
    """The rate of the last step before the first that did not hold; None if not even the first did."""
    held = 0
    while held < len(steps) and steps[held].held:
        held += 1
    return steps[held - 1].rate if held else None


def gate_of(steps: Sequence[Step], least: float) -> Gate:
    """Whether the knee is where it has to be at least."""
    return Gate("knee, requests/s", knee_of(steps), least=least)
