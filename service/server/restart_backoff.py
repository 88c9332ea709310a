"""Restart policy for dead workers: exponential backoff, and when to give up."""

MATURE_S = 10.0
_MOST_YOUNG = 5
_FIRST_DELAY_S, _LONGEST_DELAY_S, _MOST_DOUBLINGS = 0.25, 10.0, 10


class RestartBackoff:
    """Exponential backoff for one slot: the first death is mended at once, further young deaths ever later.

    A worker dies young if it was not ready for ten seconds.
    """

    def __init__(self) -> None:
        self._young = 0

    def record(self, ready_s: float | None) -> None:
        """Record the death of a worker that was ready for `ready_s`; None: never."""
        self._young = self._young + 1 if ready_s is None or ready_s < MATURE_S else 0

    @property
    def delay_s(self) -> float:
        """Seconds to wait before the next start."""
        if self._young <= 1:
            return 0.0
        return min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2.0 ** min(self._young - 2, _MOST_DOUBLINGS))

    @property
    def is_exhausted(self) -> bool:
        """True once enough in a row have died young that the next one will, too."""
        return self._young >= _MOST_YOUNG
