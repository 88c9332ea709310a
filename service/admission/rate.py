"""How long a unit of work takes, learned from work that was done."""

from dataclasses import dataclass

_SMOOTHING = 0.1
_MOST_AT_ONCE = 4.0


@dataclass(slots=True)
class LearnedRate:
    """Seconds that a unit of work takes: a moving average, weighed by work.

    Attributes:
        seconds_per_unit: what was learned so far; a guess in the beginning.
        typical_units: of a sample; one of half as many counts half as much.
    """

    seconds_per_unit: float
    typical_units: float = 1.0
    _learned: bool = False

    def learn(self, units: float, seconds: float) -> None:
        """So many units took so long.

        One sample moves the average by a factor of a few at most: work during which the process was stopped, or
        collected garbage, says little about the next.
        """
        if units <= 0:
            return
        sample = seconds / units
        if not self._learned:
            self.seconds_per_unit, self._learned = sample, True
            return
        sample = min(sample, _MOST_AT_ONCE * self.seconds_per_unit)
        weight = _SMOOTHING * min(1.0, units / self.typical_units)
        self.seconds_per_unit += weight * (sample - self.seconds_per_unit)

    def seconds(self, units: float) -> float:
        """How long so many units take."""
        return units * self.seconds_per_unit
