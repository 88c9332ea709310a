"""Whether what had to hold did."""

import math
from collections.abc import Iterable, Sequence

from loadtests.load.recording import Gate, Phase, Second
from loadtests.load.shape import Bound, Figure


def summed(seconds: Iterable[Second]) -> Second:
    """All of several seconds together."""
    whole = Second(0)
    for second in seconds:
        whole.merge(second)
    return whole


def covered(phase: Phase) -> range:
    """The seconds of a phase."""
    return range(math.ceil(phase.start_s), math.ceil(phase.end_s))


def figure_of(figure: Figure, whole: Second) -> float | None:
    """A figure of a phase's seconds together; None where nothing was measured."""
    if figure is Figure.P99_MS:
        return whole.from_intended.percentile_ms(99)
    if figure is Figure.SENT:
        return whole.sent / whole.asked if whole.asked else None
    count = whole.failed if figure is Figure.FAILED else whole.refused
    return count / whole.sent if whole.sent else None


def judged(bounds: Sequence[Bound], wholes: dict[str, Second]) -> list[Gate]:
    """A gate for each bound, by phases' names."""
    gates = []
    for bound in bounds:
        figure = figure_of(bound.figure, wholes.get(bound.phase, Second(0)))
        name = f"{bound.phase}: {bound.figure.value}"
        gates.append(Gate(name, figure, most=bound.most, least=bound.least))
    return gates
