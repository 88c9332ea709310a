"""Latencies, kept so that a percentile of any stretch of a run can be told to within a hundredth."""

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from hdrh.codec import HdrCookieException, HdrLengthException
from hdrh.histogram import HdrHistogram

_MOST_MICROSECONDS, _DIGITS = 120_000_000, 2


class Latencies:
    """A histogram of seconds, of equal relative width everywhere: http://hdrhistogram.org.

    Adds up over seconds, workers and runs, which percentiles themselves do not.
    """

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, _MOST_MICROSECONDS, _DIGITS)

    def add(self, seconds: float) -> None:
        """Count one; what exceeds two minutes counts as two minutes."""
        self._histogram.record_value(min(max(1, round(seconds * 1e6)), _MOST_MICROSECONDS))

    def merge(self, other: "Latencies") -> None:
        """Count those of another, too."""
        self._histogram.add(other._histogram)

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self._histogram.get_total_count())

    @property
    def sum_s(self) -> float:
        """All of them together, in seconds."""
        return float(self._histogram.get_mean_value() * self.count / 1e6) if self.count else 0.0

    def counts_within(self, bounds_s: Sequence[float]) -> list[int]:
        """How many did not exceed each bound, in seconds; to within a hundredth of it."""
        counts = [0] * len(bounds_s)
        for one in self._histogram.get_recorded_iterator():
            place = bisect_left(bounds_s, one.value_iterated_to / 1e6)
            if place < len(counts):
                counts[place] += one.count_at_value_iterated_to
        return list(accumulate(counts))

    def percentile_ms(self, percent: float) -> float | None:
        """The latency that so many percent did not exceed, in milliseconds; None where there is none."""
        return self._histogram.get_value_at_percentile(percent) / 1000 if self.count else None

    def encoded(self) -> str:
        """As text, in HdrHistogram's own compressed format."""
        return str(self._histogram.encode().decode("ascii"))

    @classmethod
    def decoded(cls, text: str) -> "Latencies":
        """Read what `encoded` wrote.

        Raises:
            ValueError: the text is not such a one.
        """
        made = cls()
        try:
            made._histogram.decode_and_add(text)
        except (HdrCookieException, HdrLengthException, TypeError, ValueError, zlib.error):
            raise ValueError("a histogram of latencies is damaged") from None
        return made

    @classmethod
    def together(cls, parts: Iterable["Latencies"]) -> "Latencies":
        """All of several."""
        whole = cls()
        for part in parts:
            whole.merge(part)
        return whole
