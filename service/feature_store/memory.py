"""What a process remembers, of items by their ids and of texts by their digests: one bounded memory for both.

The least recently used goes first. Used from the event loop alone, so it takes no lock.
"""

from collections import OrderedDict
from typing import NamedTuple

from service.feature_store.features import Features
from service.metrics.registry import Metrics

Key = str | bytes
"""An item's id, or the digest of a text."""


class Entry(NamedTuple):
    """What is remembered under a key.

    Attributes:
        features: None of an item that the encoder can't read.
        until: on whatever clock the owner counts, when it is to be looked up again.
        source: names what was said of the item.
    """

    features: Features | None
    until: float
    source: bytes = b""


class Memory:
    """Remembers so many entries."""

    def __init__(self, metrics: Metrics, *, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._gauge = metrics.memory_items
        self._pinned = 0
        self._told = False

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """What is remembered under a key, however old; it is then the last to be forgotten."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry) -> None:
        """Remember something, in the place of what was there."""
        self._entries[key] = entry
        self._entries.move_to_end(key)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
        self._tell()

    def remove(self, key: Key) -> None:
        """Forget something."""
        if self._entries.pop(key, None) is not None:
            self._tell()

    def tell(self, *, on: bool, pinned: int = 0) -> None:
        """Have the gauge say how much is remembered here, or no longer: of several memories, one may say so.

        Args:
            on: whether to.
            pinned: what the process remembers besides.
        """
        self._told, self._pinned = on, pinned
        self._tell()

    def _tell(self) -> None:
        if self._told:
            self._gauge.set(len(self._entries) + self._pinned)
