"""The available shapes, each a function of rate and duration."""

from collections.abc import Callable, Mapping

from loadtests.load.recording import Phase
from loadtests.load.shape import Act, Bound, Fault, Figure, Shape

FLASH, FIRST_STEP, GROWTH = 10.0, 0.5, 1.15
_MOST_STEPS = 40
_WARMING, _COLD = "warming", 0.2  # at the start, a fifth of the rate
# Relative to the mean, every three hours from midnight: a trough at three, a rise at noon, a peak in the evening.
_DAY = (0.60, 0.30, 0.40, 1.00, 1.30, 1.10, 1.55, 1.75, 0.60)
_DAY_PHASES = ("night", "morning", "afternoon", "evening")


def _held(phase: str, *, p99_ms: float | None) -> tuple[Bound, ...]:
    """Bounds: nothing refused, late, failed or missed, and p99 in time."""
    late = () if p99_ms is None else (Bound(Figure.P99_MS, phase, most=p99_ms),)
    return (
        *late,
        Bound(Figure.FAILED, phase, most=0.0),
        Bound(Figure.REFUSED, phase, most=0.0),
        Bound(Figure.LATE, phase, most=0.0),
        Bound(Figure.SENT, phase, least=0.99),
    )


def _pressed(phase: str, *, p99_ms: float | None) -> tuple[Bound, ...]:
    """The same, but attempts may be refused or late."""
    return tuple(one for one in _held(phase, p99_ms=p99_ms) if one.figure not in {Figure.REFUSED, Figure.LATE})


def _overwhelmed(phase: str, *, p99_ms: float) -> tuple[Bound, ...]:
    """Bounds on overload: admitted attempts end in time, and goodput stays near the knee."""
    return (
        *_pressed(phase, p99_ms=p99_ms),
        Bound(Figure.ENDED_IN_TIME, phase, least=0.999),
        Bound(Figure.GOODPUT, phase, least=0.9),
    )


def _parts(duration_s: float, rate: float, **shares: float) -> list[Phase]:
    """Phases from their shares of the duration."""
    phases: list[Phase] = []
    start = 0.0
    for name, share in shares.items():
        end = duration_s if len(phases) == len(shares) - 1 else max(start + 1, round(start + share * duration_s))
        phases.append(Phase(name, start, end, rate))
        start = end
    return phases


def _warmed(name: str, rate: float, duration_s: float) -> Shape:
    """A constant rate after a ramp of a tenth of the duration, as a load balancer gives a new process its share."""
    phases = _parts(duration_s, rate, **{_WARMING: 0.1, name: 0.9})
    warm = phases[0].end_s
    phases[0] = Phase(_WARMING, 0.0, warm, rate * (1 + _COLD) / 2)
    bounds = (*_pressed(_WARMING, p99_ms=None), *_held(name, p99_ms=50.0))
    return Shape(name, [(0.0, rate * _COLD), (warm, rate)], phases, bounds)


def steady(rate: float, duration_s: float) -> Shape:
    """A constant rate."""
    return _warmed("steady", rate, duration_s)


def soak(rate: float, duration_s: float) -> Shape:
    """A constant rate for hours; memory must not grow, and no descriptor may be left open."""
    return _warmed("soak", rate, duration_s)


def step(rate: float, duration_s: float) -> Shape:
    """Steps of 15 % from half the rate upwards, to find the knee.

    Caches warm up first, for about as long as a step.
    """
    length = max(5.0, min(20.0, round(duration_s / 20)))
    count = min(_MOST_STEPS, max(1, int(duration_s / length) - 1))
    rates = [rate * FIRST_STEP * GROWTH**number for number in range(count)]
    warm_s = max(1.0, duration_s - count * length)
    phases = [
        Phase(_WARMING, 0.0, warm_s, rates[0]),
        *(
            Phase(f"step {number + 1}", warm_s + number * length, warm_s + (number + 1) * length, one)
            for number, one in enumerate(rates)
        ),
    ]
    curve = [point for one in phases for point in ((one.start_s, one.rate), (one.end_s, one.rate))]
    return Shape("step", curve, phases, (), to_knee=True)


def day(rate: float, duration_s: float) -> Shape:
    """A day of 24 hours, compressed to the duration."""
    hours = len(_DAY) - 1
    curve = [(duration_s * place / hours, rate * one) for place, one in enumerate(_DAY)]
    means = [(a + 2 * b + c) / 4 for a, b, c in zip(_DAY[::2], _DAY[1::2], _DAY[2::2], strict=False)]
    quarter = duration_s / len(_DAY_PHASES)
    phases = [
        Phase(name, place * quarter, (place + 1) * quarter, rate * mean)
        for place, (name, mean) in enumerate(zip(_DAY_PHASES, means, strict=True))
    ]
    bounds = [bound for name in _DAY_PHASES for bound in _held(name, p99_ms=None if name == "night" else 50.0)]
    return Shape("day", curve, phases, bounds)


def flash(rate: float, duration_s: float) -> Shape:
    """A sudden tenfold rate; excess is refused, and admitted attempts are answered in time."""
    before, crowd, after = phases = _parts(duration_s, rate, before=0.3, flash=0.3, after=0.4)
    phases[1] = Phase("flash", crowd.start_s, crowd.end_s, rate * FLASH)
    curve = [
        (before.start_s, rate),
        (before.end_s, rate),
        (crowd.start_s, rate * FLASH),
        (crowd.end_s, rate * FLASH),
        (after.start_s, rate),
    ]
    bounds = (
        *_held("before", p99_ms=None),
        *_overwhelmed("flash", p99_ms=100.0),
        *_overwhelmed("after", p99_ms=100.0),
    )
    return Shape("flash", curve, phases, bounds)


def cold(rate: float, duration_s: float) -> Shape:
    """All stores are empty at the start, and candidates come with their texts."""
    phases = _parts(duration_s, rate, cold=0.5, warm=0.5)
    bounds = (*_pressed("cold", p99_ms=None), *_pressed("warm", p99_ms=100.0))
    return Shape("cold", [(0.0, rate)], phases, bounds, cold=True)


def outage(rate: float, duration_s: float) -> Shape:
    """Redis is stopped for a third of the run."""
    phases = _parts(duration_s, rate, before=1 / 3, outage=1 / 3, after=1 / 3)
    faults = (Fault(phases[1].start_s, Act.STOP_REDIS), Fault(phases[2].start_s, Act.START_REDIS))
    bounds = (*_held("before", p99_ms=None), *_held("outage", p99_ms=100.0), *_held("after", p99_ms=100.0))
    return Shape("outage", [(0.0, rate)], phases, bounds, faults)


def swap(rate: float, duration_s: float) -> Shape:
    """Another model takes over, three times."""
    phases = _parts(duration_s, rate, before=0.3, swap=0.4, after=0.3)
    length = (phases[1].end_s - phases[1].start_s) / 3
    faults = tuple(Fault(phases[1].start_s + number * length, Act.SWAP_MODEL) for number in range(3))
    bounds = (*_held("before", p99_ms=None), *_held("swap", p99_ms=None), *_held("after", p99_ms=100.0))
    return Shape("swap", [(0.0, rate)], phases, bounds, faults)


SHAPES: Mapping[str, Callable[[float, float], Shape]] = {
    one.__name__: one for one in (steady, step, day, flash, soak, cold, outage, swap)
}
