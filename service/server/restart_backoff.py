"""When a worker that died is replaced, and when that makes no sense any more."""

MATURE_S = 10.0
_MOST_YOUNG = 5
_FIRST_DELAY_S, _LONGEST_DELAY_S, _MOST_DOUBLINGS = 0.25, 10.0, 10


class RestartBackoff:
    """The deaths of the workers of one slot: a single one is mended at once, with those that die young ever later.

    A worker dies young that had not been ready for ten seconds.
    """

    def __init__(self) -> None:
        self._young = 0

    def record(self, ready_s: float | None) -> None:
        """One died that had been ready for so long; None: it never was."""
        self._young = self._young + 1 if ready_s is None or ready_s < MATURE_S else 0

    @property
    def delay_s(self) -> float:
        """How long to wait with the next one."""
        if self._young <= 1:
            return 0.0
        return min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2.0 ** min(self._young - 2, _MOST_DOUBLINGS))

    @property
    def are_hopeless(self) -> bool:
        """Whether so many in a row died young that the next one will, too."""
        return self._young >= _MOST_YOUNG
