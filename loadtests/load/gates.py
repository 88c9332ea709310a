"""Gates: bounds on metrics of a phase."""

import math
from collections.abc import Iterable, Mapping, Sequence

from loadtests.load.recording import Gate, Phase, Second
from loadtests.load.shape import Bound, Figure


def summed(seconds: Iterable[Second]) -> Second:
    """The sum over seconds."""
    whole = Second(0)
    for second in seconds:
        whole.merge(second)
    return whole


def covered(phase: Phase) -> range:
    """The seconds of a phase."""
    return range(math.ceil(phase.start_s), math.ceil(phase.end_s))


def figure_of(figure: Figure, whole: Second) -> float | None:
    """A metric over the seconds of a phase; None if nothing was measured."""
    if figure is Figure.P99_MS:
        return whole.from_intended.percentile_ms(99)
    if figure is Figure.SENT:
        return share(whole.sent, whole.asked)
    if figure is Figure.ENDED_IN_TIME:
        return share(whole.ended_in_time, whole.admitted)
    if figure is Figure.LATE:
        return share(whole.late, whole.sent)
    return share(whole.failed if figure is Figure.FAILED else whole.refused, whole.sent)


def goodput_share(seconds: Iterable[Second], knee: float) -> float | None:
    """Attempts answered in time, divided by those that a service with that knee could answer.

    Args:
        seconds: of a phase.
        knee: requests a second.
    """
    in_time = answerable = 0.0
    for second in seconds:
        in_time += second.in_time
        answerable += min(second.asked, knee)
    return share(in_time, answerable)


def judged(bounds: Sequence[Bound], phases: Mapping[str, Sequence[Second]], knee: float | None = None) -> list[Gate]:
    """Evaluate the bounds.

    Args:
        bounds: the bounds.
        phases: seconds by name of the phase.
        knee: requests per second; without it, gates relative to it are left out.
    """
    wholes = {name: summed(seconds) for name, seconds in phases.items()}
    gates = []
    for bound in bounds:
        if bound.figure is not Figure.GOODPUT:
            figure = figure_of(bound.figure, wholes.get(bound.phase, Second(0)))
        elif knee is not None:
            figure = goodput_share(phases.get(bound.phase, ()), knee)
        else:
            continue
        name = f"{bound.phase}: {bound.figure.value}"
        gates.append(Gate(name, figure, most=bound.most, least=bound.least))
    return gates


def share(part: float, whole: float) -> float | None:
    """A ratio; None if the denominator is 0."""
    return part / whole if whole else None
