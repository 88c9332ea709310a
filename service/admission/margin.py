"""How much later than predicted answers are: what has to be left before a deadline."""

import math
from dataclasses import dataclass

_QUANTILE = 0.995
_SMOOTHING = 0.1
_HALF_LIFE_S = 30.0
_LARGEST_SHARE = 0.5


@dataclass(slots=True)
class Margin:
    """What is learned of the seconds by which answers came later than a schedule said.

    There is more to an answer than what the schedule knows of: that is the mean. The high quantile, learned by
    stochastic approximation, is what nearly all answers keep to. It fades while nothing is learned, and takes no more
    than a part of the time that a request has: were it learned once that nothing can be answered in time, nothing would
    be admitted, and nothing else ever learned.
    """

    mean_s: float = 0.0
    _quantile_s: float = 0.0
    _at_s: float = 0.0

    def learn(self, error_s: float, at_s: float) -> None:
        """An answer came so much later than its schedule said (earlier, if negative), at that moment."""
        error_s = max(0.0, error_s)
        self.mean_s += _SMOOTHING * (error_s - self.mean_s)
        quantile_s = self._faded(at_s)
        step_s = _SMOOTHING * self.mean_s * (_QUANTILE if error_s > quantile_s else _QUANTILE - 1)
        self._quantile_s, self._at_s = max(self.mean_s, quantile_s + step_s), at_s

    def seconds(self, at_s: float, available_s: float) -> float:
        """What to leave before the deadline of a request that has so many seconds in all."""
        return min(self._faded(at_s), _LARGEST_SHARE * available_s)

    def _faded(self, at_s: float) -> float:
        return self._quantile_s * math.exp2(-max(0.0, at_s - self._at_s) / _HALF_LIFE_S)
