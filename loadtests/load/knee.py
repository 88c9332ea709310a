"""The knee: the greatest rate that was sustained, together with all lower ones."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from loadtests.load.recording import Gate, Phase, Second

_SETTLING = 1 / 3


@dataclass(frozen=True)
class Step:
    """The result of a step.

    Attributes:
        phase: its name.
        rate: requests per second that its sessions amount to.
        asked: requests per second in fact; fewer while later pages of new sessions are still to come.
        p99_ms: from the intended start; None without answers.
        refused: number of attempts.
        missed: number of attempts.
        late: number of attempts.
        failed: number of attempts.
        held: whether no attempt was refused, missed, late or failed, and p99 was within its bound.
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
    """The part of a step that sessions from before it no longer influence."""
    return Phase(phase.name, phase.start_s + _SETTLING * (phase.end_s - phase.start_s), phase.end_s, phase.rate)


def step_of(phase: Phase, whole: Second, seconds: int, most_p99_ms: float) -> Step:
    """Judge a step by its settled part."""
    p99 = whole.from_intended.percentile_ms(99)
    clean = not (whole.refused or whole.missed or whole.late or whole.failed)
    held = clean and p99 is not None and p99 <= most_p99_ms
    asked = whole.asked / seconds
    return Step(phase.name, phase.rate, asked, p99, whole.refused, whole.missed, whole.late, whole.failed, held)


def knee_of(steps: Sequence[Step]) -> float | None:
    """The rate of the last step before the first that did not hold; None if the first did not."""
    held = 0
    while held < len(steps) and steps[held].held:
        held += 1
    return steps[held - 1].asked if held else None


def gate_of(steps: Sequence[Step], least: float | None) -> Gate:
    """The gate on the knee; by default it must be at least the first step."""
    first = steps[0].asked if steps else 0.0
    return Gate("knee, requests/s", knee_of(steps), least=first if least is None else least)
