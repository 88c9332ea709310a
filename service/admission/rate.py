"""The time that a unit of work takes, learned from completed work."""

from dataclasses import dataclass, field
from statistics import median_low

_SMOOTHING = 0.1
_MOST_AT_ONCE = 4.0
_FIRST_SAMPLES = 3


@dataclass(slots=True)
class LearnedRate:
    """Seconds per unit of work: a moving average, weighted by work.

    Attributes:
        seconds_per_unit: the current estimate; a guess at first.
        typical_units: of a sample; a sample of half as many has half the weight.
    """

    seconds_per_unit: float
    typical_units: float = 1.0
    _first: list[float] = field(default_factory=list)

    def learn(self, units: float, seconds: float) -> None:
        """Note that `units` took `seconds`.

        A sample counts as four times the estimate at most: work during which the process was suspended, or collected
        garbage, says little about the next. The first few samples give their median: the very first is usually the
        slowest, and would take long to forget.
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
        """Estimated seconds for `units`."""
        return units * self.seconds_per_unit
