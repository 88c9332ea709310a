"""The `Retry-After` policy: when refused clients may come again."""

import random
from collections.abc import Callable

LONGEST_S = 60.0
_SHARE_OF_REFUSED = 0.5
_JITTER, _JITTER_S = 0.5, 1.0
_LONGEST_PROMISE_S = (LONGEST_S - _JITTER_S) / (1 + _JITTER)  # the longest wait has jitter, too


class RetryAfterPolicy:
    """Gives each refused request a moment of its own, spaced by the work that the requests need.

    Half of the capacity is reserved for them, the other half for requests that come for the first time. If all came
    back at the same moment, most would be refused again. A request that comes early is counted again when it is
    refused, so every admitted request counts as one of those that came back.
    """

    def __init__(self, uniform: Callable[[], float] = random.random) -> None:
        self._uniform = uniform
        self._next_s = 0.0

    def admitted(self, work_s: float) -> None:
        """Note that a request was admitted, which takes `work_s` by itself."""
        self._next_s -= work_s

    def wait_s(self, late_s: float, work_s: float, now_s: float) -> float:
        """The seconds that a refused request is to wait, with jitter.

        It would have missed its deadline by `late_s`, and takes `work_s` by itself.
        """
        earliest_s = now_s + late_s
        latest_s = now_s + _LONGEST_PROMISE_S
        self._next_s = min(max(self._next_s, earliest_s) + work_s / _SHARE_OF_REFUSED, latest_s)
        wait_s = self._next_s - now_s
        return wait_s * (1 + _JITTER * self._uniform()) + _JITTER_S * self._uniform()
