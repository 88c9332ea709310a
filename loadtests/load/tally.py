"""What a worker has seen of each second since it last told."""

from collections.abc import Iterable
from typing import Any

from loadtests.load.recording import Second


class Tally:
    """Seconds under count."""

    def __init__(self) -> None:
        self._seconds: dict[int, Second] = {}

    def at(self, due_s: float) -> Second:
        """The second of an intended start."""
        number = int(due_s)
        second = self._seconds.get(number)
        if second is None:
            second = self._seconds[number] = Second(number)
        return second

    def drain(self) -> list[dict[str, Any]]:
        """What is new since the last time, as plain values."""
        seconds, self._seconds = self._seconds, {}
        return [seconds[number].to_json() for number in sorted(seconds)]


class Book:
    """All workers' seconds together: open ones as they are, closed ones as text, so that hours take little memory."""

    def __init__(self, open_s: int = 30) -> None:
        """Begin with none.

        Args:
            open_s: how many of the latest seconds are kept open; an older one is opened again where it must be.
        """
        self._open: dict[int, Second] = {}
        self._closed: dict[int, dict[str, Any]] = {}
        self._open_s = open_s
        self.total = Second(0)

    def merge(self, told: Iterable[dict[str, Any]]) -> None:
        """Count what a worker told."""
        for values in told:
            second = Second.from_json(values)
            self._opened(second.second).merge(second)
            self.total.merge(second)
        self._close()

    def second(self, number: int) -> Second:
        """What is known of a second."""
        if number in self._open:
            return self._open[number]
        return Second.from_json(self._closed[number]) if number in self._closed else Second(number)

    def seconds(self, start: int, end: int) -> Iterable[Second]:
        """Those of a stretch, in order, none missing."""
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
