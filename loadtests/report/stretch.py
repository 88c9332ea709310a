"""Stretches of a run: the whole, its phases, and the windows of plots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loadtests.load.histogram import Latencies
from loadtests.load.recording import Phase, Recording, Second

MOST_WINDOWS = 150
_WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True)
class Stretch:
    """Some consecutive seconds of a run.

    Attributes:
        name: of the phase; empty for a window.
        start_s: since the start of the run.
        end_s: likewise.
        seconds: its recorded seconds.
        rate: mean requests per second of the shape; None for several phases.
    """

    name: str
    start_s: float
    end_s: float
    seconds: Sequence[Second]
    rate: float | None = None

    def total(self, count: str) -> int:
        """The sum of a count, of `recording.COUNTS`."""
        return sum(getattr(one, count) for one in self.seconds)

    def per_second(self, count: str) -> float | None:
        """The mean of a count over the seconds; None without any."""
        return self.total(count) / len(self.seconds) if self.seconds else None

    def latencies(self, kind: str) -> Latencies:
        """All latencies of a kind, of `recording.LATENCIES`."""
        return Latencies.together(getattr(one, kind) for one in self.seconds)

    def observed(self, name: str) -> list[float]:
        """Values of an observation, of the seconds that have it."""
        return [one.observed[name] for one in self.seconds if name in one.observed]

    def mean(self, name: str) -> float | None:
        """The mean of an observation; None without any."""
        values = self.observed(name)
        return sum(values) / len(values) if values else None

    def sum(self, name: str) -> float | None:
        """The sum of an observation; None without any."""
        values = self.observed(name)
        return sum(values) if values else None

    def most(self, name: str) -> float | None:
        """The maximum of an observation; None without any."""
        return max(self.observed(name), default=None)


def whole(recording: Recording) -> Stretch:
    """The run from its first second to its last."""
    return Stretch("whole run", 0, duration_s(recording), recording.seconds)


def phases(recording: Recording) -> list[Stretch]:
    """The phases, in order."""
    return [of_phase(recording, one) for one in recording.run.phases]


def of_phase(recording: Recording, phase: Phase) -> Stretch:
    """A phase, or a part of one; a second belongs to the phase in which it begins."""
    seconds = _between(recording.seconds, phase.start_s, phase.end_s)
    return Stretch(phase.name, phase.start_s, phase.end_s, seconds, phase.rate)


def windows(recording: Recording) -> list[Stretch]:
    """Windows of equal, round width, as narrow as `MOST_WINDOWS` allows."""
    end = duration_s(recording)
    width = next((one for one in _WIDTHS_S if end / one <= MOST_WINDOWS), _WIDTHS_S[-1])
    starts = range(0, int(end), width)
    return [
        Stretch("", start, min(start + width, end), _between(recording.seconds, start, start + width))
        for start in starts
    ]


def duration_s(recording: Recording) -> int:
    """Seconds from the start of the run to the end of its last second."""
    return max((one.second + 1 for one in recording.seconds), default=0)


def _between(seconds: Iterable[Second], start_s: float, end_s: float) -> list[Second]:
    return [one for one in seconds if start_s <= one.second < end_s]
