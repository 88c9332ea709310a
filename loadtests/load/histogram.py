"""Latencies, kept so that a percentile of any stretch of a run can be told to within a hundredth."""

import zlib
from collections.abc import Iterable

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
        except (HdrCookieException, HdrLengthException, TypeError, zlib.error):
            raise ValueError("a histogram of latencies is damaged") from None
        return made

    @classmethod
    def together(cls, parts: Iterable["Latencies"]) -> "Latencies":
        """All of several."""
        whole = cls()
        for part in parts:
            whole.merge(part)
        return whole
