"""Latency histograms, from which percentiles of any interval of a run are exact to 1 %."""

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from hdrh.codec import HdrCookieException, HdrLengthException
from hdrh.histogram import HdrHistogram

_MOST_MICROSECONDS, _DIGITS = 120_000_000, 2


class Latencies:
    """A histogram of seconds with constant relative precision: http://hdrhistogram.org.

    Unlike percentiles, histograms can be added over seconds, workers and runs.
    """

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, _MOST_MICROSECONDS, _DIGITS)

    def add(self, seconds: float) -> None:
        """Add a latency, capped at two minutes."""
        self._histogram.record_value(min(max(1, round(seconds * 1e6)), _MOST_MICROSECONDS))

    def merge(self, other: "Latencies") -> None:
        """Add another histogram."""
        self._histogram.add(other._histogram)

    @property
    def count(self) -> int:
        """Number of latencies."""
        return int(self._histogram.get_total_count())

    @property
    def sum_s(self) -> float:
        """Sum in seconds."""
        return float(self._histogram.get_mean_value() * self.count / 1e6) if self.count else 0.0

    def counts_within(self, bounds_s: Sequence[float]) -> list[int]:
        """Number of latencies up to each bound in seconds, exact to 1 %."""
        counts = [0] * len(bounds_s)
        for one in self._histogram.get_recorded_iterator():
            place = bisect_left(bounds_s, one.value_iterated_to / 1e6)
            if place < len(counts):
                counts[place] += one.count_at_value_iterated_to
        return list(accumulate(counts))

    def percentile_ms(self, percent: float) -> float | None:
        """Percentile in milliseconds; None if the histogram is empty."""
        return self._histogram.get_value_at_percentile(percent) / 1000 if self.count else None

    def encoded(self) -> str:
        """Encode it in HdrHistogram's compressed text format."""
        return str(self._histogram.encode().decode("ascii"))

    @classmethod
    def decoded(cls, text: str) -> "Latencies":
        """Decode what `encoded` wrote.

        Raises:
            ValueError: the text is not an encoded histogram.
        """
        made = cls()
        try:
            made._histogram.decode_and_add(text)
        except (HdrCookieException, HdrLengthException, TypeError, ValueError, zlib.error):
            raise ValueError("a histogram of latencies is damaged") from None
        return made

    @classmethod
    def together(cls, parts: Iterable["Latencies"]) -> "Latencies":
        """The sum of histograms."""
        whole = cls()
        for part in parts:
            whole.merge(part)
        return whole
