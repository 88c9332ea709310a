"""A file or folder that says what is released, as it changes."""

import asyncio
import logging
from typing import Generic, Protocol, TypeVar

from prometheus_client import Counter

from service.user_error import UserError

_log = logging.getLogger(__name__)
_Contents = TypeVar("_Contents")
_Read_co = TypeVar("_Read_co", covariant=True)


class Place(Protocol[_Read_co]):
    """A file or folder of an operator."""

    @property
    def first(self) -> _Read_co:
        """What it contained at the start."""

    def changed(self, *, now: bool = False) -> bool:
        """Whether it has changed since the last call; `now`: check in any case."""

    def read(self) -> _Read_co:
        """Read it.

        Raises:
            UserError: it is not valid.
        """


class Source(Generic[_Contents]):
    """The last valid contents of a place; read again when it has changed, and kept if it is not valid then."""

    def __init__(self, place: Place[_Contents] | None, absent: _Contents, reads: Counter, refusal: str) -> None:
        """`absent` are the contents of no place; `reads` counts by outcome; `refusal` is logged with the error."""
        self._place, self._reads, self._refusal = place, reads, refusal
        self._changes = self._changes_read = 0
        self._complaint = ""
        self.contents = absent if place is None else place.first

    def outdated(self, *, now: bool = False) -> bool:
        """Whether it is to be read; `now`: check in any case."""
        if self._place is not None and self._place.changed(now=now):
            self._changes += 1
        return self._changes != self._changes_read

    async def read(self) -> None:
        """Read it, on a thread."""
        if self._place is None:
            return
        changes = self._changes
        try:
            self.contents = await asyncio.to_thread(self._place.read)
        except UserError as error:
            self._reads.labels("refused").inc()
            if str(error) != self._complaint:
                _log.error(self._refusal, error)
            self._complaint = str(error)
        else:
            self._reads.labels("done").inc()
            self._complaint = ""
        self._changes_read = changes  # a change that came meanwhile is still to be read
