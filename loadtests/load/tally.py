"""Counts of each second: of a worker since its last report, and of all workers."""

from collections.abc import Iterable
from typing import Any

from loadtests.load.recording import Second


class Tally:
    """A worker's counts."""

    def __init__(self) -> None:
        self._seconds: dict[int, Second] = {}

    def at(self, due_s: float) -> Second:
        """The counts of the second of an intended start."""
        number = int(due_s)
        second = self._seconds.get(number)
        if second is None:
            second = self._seconds[number] = Second(number)
        return second

    def drain(self) -> list[dict[str, Any]]:
        """The counts since the last report, as plain values."""
        seconds, self._seconds = self._seconds, {}
        return [seconds[number].to_json() for number in sorted(seconds)]


class Book:
    """The counts of all workers; older seconds are kept as encoded text to save memory."""

    def __init__(self, open_s: int = 30) -> None:
        """Create it empty.

        Args:
            open_s: number of latest seconds that are kept decoded; older ones are decoded when needed.
        """
        self._open: dict[int, Second] = {}
        self._closed: dict[int, dict[str, Any]] = {}
        self._open_s = open_s
        self.total = Second(0)

    def merge(self, reports: Iterable[dict[str, Any]]) -> None:
        """Add a worker's report."""
        for values in reports:
            second = Second.from_json(values)
            self._opened(second.second).merge(second)
            self.total.merge(second)
        self._close()

    def second(self, number: int) -> Second:
        """The counts of a second."""
        if number in self._open:
            return self._open[number]
        return Second.from_json(self._closed[number]) if number in self._closed else Second(number)

    def seconds(self, start: int, end: int) -> Iterable[Second]:
        """All seconds of an interval, in order."""
        return (self.second(number) for number in range(start, end))

    def _opened(self, number: int) -> Second:
        if number not in self._open:
            closed = self._closed.pop(number, None)
            self._open[number] = Second(number) if closed is None else Second.from_json(closed)
        return self._open[number]

    def _close(self) -> None:
        latest = max(self._open, default=0)
        for number in [one for one in self._open if one < latest - self._open_s]:
            self._closed[number] = self._open.pop(number).to_json()
