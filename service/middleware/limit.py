"""How many requests may be in work so that each is answered soon, learned from how long they take.

By Little's law, what is in work is the rate of answers times how long one takes. Where answers take longer than the
goal, no more is let in than the goal times the rate; where they do not, the limit rises again until it bounds nothing.
(Netflix's concurrency-limits learn from the same law.) The middle answer decides, so that a bulk of items that is
written for a second among quick rankings does not. It does not tell waiting from work: a service most of whose requests
take longer than the goal by themselves needs a goal above that, or has no more than `LEAST` of them in work.
"""

import math
import statistics
from dataclasses import dataclass, field

LEAST = 4
_WINDOW_S, _GROWTH, _DECAY = 0.1, 1.25, 0.5
_LONGEST_RETRY_S = 30


@dataclass
class LearnedLimit:
    """A limit on requests in work.

    Attributes:
        most: what it never exceeds, and what it begins with.
        goal_s: how long half of the answers may take.
        now: what it is.
        retry_after_s: when those that are refused may come again: as many seconds as there are refused requests for an
            answered one, so that they can be taken when they do.
    """

    most: int
    goal_s: float
    now: int = field(init=False)
    retry_after_s: float = field(init=False, default=1.0)
    _since_s: float | None = field(init=False, default=None)
    _refused: int = field(init=False, default=0)
    _taken_s: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.now = self.most

    def refused(self) -> None:
        """A request has been refused."""
        self._refused += 1

    def answered(self, at_s: float, taken_s: float) -> None:
        """A request has been answered.

        Args:
            at_s: when, in seconds of a clock that only goes forward.
            taken_s: how long it took.
        """
        self._since_s = at_s - taken_s if self._since_s is None else self._since_s
        self._taken_s.append(taken_s)
        if at_s - self._since_s >= _WINDOW_S:
            self._learn(at_s - self._since_s)
            self._since_s, self._refused, self._taken_s = at_s, 0, []

    def _learn(self, elapsed_s: float) -> None:
        answered = len(self._taken_s)
        self.retry_after_s = min(_LONGEST_RETRY_S, max(1.0, self._refused / answered))
        in_work = sum(self._taken_s) / elapsed_s
        if statistics.median(self._taken_s) <= self.goal_s:
            self.now = min(self.most, math.ceil(self.now * _GROWTH))
        elif in_work > LEAST:
            # Halved at most: after a short stall answers are late and few, and the rate says nothing about the next.
            in_time = max(self.goal_s * answered / elapsed_s, self.now * _DECAY, LEAST)
            self.now = min(self.now, math.floor(in_time))
