"""Which items the latest answers have shown: enough to tell whether feedback belongs to one of them."""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol


class ImpressionMemory(Protocol):
    """Remembers which items the latest answers have shown."""

    def put(self, request_id: str, item_ids: Sequence[str]) -> None:
        """Remember what an answer has shown. A request id that comes again stands for the latest answer."""
        ...

    def has(self, request_id: str, item_id: str) -> bool:
        """Whether that answer is remembered, and has shown that item."""
        ...


class RecentImpressions:
    """Remembers the items of so many answers, the oldest forgotten first. Used from the event loop alone.

    Of each id only Python's own hash is kept, of 64 bits and different in each process: it is made in no time, takes 8
    bytes, and tells nobody anything.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: OrderedDict[int, array[int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, request_id: str, item_ids: Sequence[str]) -> None:
        """Remember what an answer has shown. A request id that comes again stands for the latest answer."""
        request = hash(request_id)
        self._items[request] = array("q", sorted(map(hash, item_ids)))
        self._items.move_to_end(request)
        if len(self._items) > self._capacity:
            self._items.popitem(last=False)

    def has(self, request_id: str, item_id: str) -> bool:
        """Whether that answer is remembered, and has shown that item."""
        shown, item = self._items.get(hash(request_id)), hash(item_id)
        if shown is None:
            return False
        place = bisect_left(shown, item)
        return place < len(shown) and shown[place] == item
