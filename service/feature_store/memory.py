"""The in-process tier: a bounded LRU memory of items by id and of texts by digest.

Used from the event loop alone, so it takes no lock.
"""

from collections import OrderedDict
from typing import NamedTuple

from service.feature_store.features import Features
from service.metrics.registry import Metrics

Key = str | bytes
"""An item's id, or the digest of a text."""


class Entry(NamedTuple):
    """An entry.

    Attributes:
        features: None of an item that the encoder can't read.
        until: when it is to be looked up again, on the owner's clock.
        source: identifies the item's text and category; see `Record.source`.
    """

    features: Features | None
    until: float
    source: bytes = b""


class Memory:
    """Keeps `capacity` entries, the most recently used."""

    def __init__(self, metrics: Metrics, *, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._gauge = metrics.memory_items
        self._pinned = 0
        self._reports = False

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """The entry of a key, expired or not; marks it as used."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry) -> None:
        """Add or replace an entry."""
        self._entries[key] = entry
        self._entries.move_to_end(key)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
        self._report()

    def remove(self, key: Key) -> None:
        """Remove an entry, if there is one."""
        if self._entries.pop(key, None) is not None:
            self._report()

    def report(self, *, on: bool, pinned: int = 0) -> None:
        """Report the number of entries, and of `pinned` items, or stop: of several memories, one at a time may."""
        self._reports, self._pinned = on, pinned
        self._report()

    def _report(self) -> None:
        if self._reports:
            self._gauge.set(len(self._entries) + self._pinned)
