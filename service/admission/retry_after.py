"""When those who are refused may come again."""

import random
from collections.abc import Callable

LONGEST_S = 60.0
_SHARE_OF_THE_REFUSED = 0.5
_JITTER, _JITTER_S = 0.5, 1.0
_LONGEST_PROMISE_S = (LONGEST_S - _JITTER_S) / (1 + _JITTER)  # who is told the longest is told it with jitter, too


class RetryAfterPolicy:
    """Gives each who is refused a time of its own, as far apart as their work is long.

    Half of what can be done is kept for them, the other half for those who come for the first time. A moment at which
    all of them came back would be another at which most are refused. Who asks again before its time is counted again
    when it is refused; so whoever is taken on counts as one of them who has come.
    """

    def __init__(self, uniform: Callable[[], float] = random.random) -> None:
        """Begin with nothing promised; `uniform` gives a number in [0, 1)."""
        self._uniform = uniform
        self._next_s = 0.0

    def kept(self, work_s: float) -> None:
        """Work that takes so long by itself has been taken on."""
        self._next_s -= work_s

    def wait_s(self, late_s: float, work_s: float, now_s: float) -> float:
        """How long one who is refused is to wait, in seconds, with jitter.

        Args:
            late_s: by how much it would have been too late.
            work_s: how long it takes by itself.
            now_s: the moment.
        """
        earliest_s = now_s + late_s
        latest_s = now_s + _LONGEST_PROMISE_S
        self._next_s = min(max(self._next_s, earliest_s) + work_s / _SHARE_OF_THE_REFUSED, latest_s)
        wait_s = self._next_s - now_s
        return wait_s * (1 + _JITTER * self._uniform()) + _JITTER_S * self._uniform()
