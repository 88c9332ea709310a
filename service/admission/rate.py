"""How long a unit of work takes, learned from work that was done."""

from dataclasses import dataclass, field
from statistics import median_low

_SMOOTHING = 0.1
_MOST_AT_ONCE = 4.0
_FIRST_SAMPLES = 3


@dataclass(slots=True)
class LearnedRate:
    """Seconds that a unit of work takes: a moving average, weighed by work.

    Attributes:
        seconds_per_unit: what was learned so far; a guess in the beginning.
        typical_units: of a sample; one of half as many counts half as much.
    """

    seconds_per_unit: float
    typical_units: float = 1.0
    _first: list[float] = field(default_factory=list)

    def learn(self, units: float, seconds: float) -> None:
        """So many units took so long.

        One sample moves the average by a factor of a few at most: work during which the process was stopped, or
        collected garbage, says little about the next. Of the first few, the middle one is what is known: the very first
        is the slowest more often than not, and what it said would take long to forget.
        """
        if units <= 0:
            return
        sample = seconds / units
        if len(self._first) < _FIRST_SAMPLES:
            self._first.append(sample)
            self.seconds_per_unit = median_low(self._first)
            return
        sample = min(sample, _MOST_AT_ONCE * self.seconds_per_unit)
        weight = _SMOOTHING * min(1.0, units / self.typical_units)
        self.seconds_per_unit += weight * (sample - self.seconds_per_unit)

    def seconds(self, units: float) -> float:
        """How long so many units take."""
        return units * self.seconds_per_unit
