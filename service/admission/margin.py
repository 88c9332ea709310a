"""The safety margin before a deadline: how much later than predicted answers are."""

import math
from dataclasses import dataclass

_QUANTILE = 0.995
_SMOOTHING = 0.1
_HALF_LIFE_S = 30.0
_LARGEST_SHARE = 0.5


@dataclass(slots=True)
class Margin:
    """The seconds by which answers are later than a schedule predicts, learned from answers.

    The mean is the part of an answer that the schedule does not know of. Nearly all answers keep to the high quantile,
    which is learned by stochastic approximation. It decays while nothing is learned, and is capped at a share of a
    request's time: otherwise, if it were once too large for any request, nothing would be admitted and it would never
    shrink.
    """

    mean_s: float = 0.0
    _quantile_s: float = 0.0
    _at_s: float = 0.0

    def learn(self, error_s: float, at_s: float) -> None:
        """Note an answer that came at `at_s`, `error_s` later than predicted; earlier if negative."""
        error_s = max(0.0, error_s)
        self.mean_s += _SMOOTHING * (error_s - self.mean_s)
        quantile_s = self._faded(at_s)
        step_s = _SMOOTHING * self.mean_s * (_QUANTILE if error_s > quantile_s else _QUANTILE - 1)
        self._quantile_s, self._at_s = max(self.mean_s, quantile_s + step_s), at_s

    def seconds(self, at_s: float, available_s: float) -> float:
        """The margin for a request that has `available_s` in all."""
        return min(self._faded(at_s), _LARGEST_SHARE * available_s)

    def _faded(self, at_s: float) -> float:
        return self._quantile_s * math.exp2(-max(0.0, at_s - self._at_s) / _HALF_LIFE_S)
