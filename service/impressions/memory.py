"""The items that recent answers have shown: enough to tell whether feedback belongs to one of them."""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence


class RecentImpressions:
    """Remembers the items of the latest `capacity` answers. Used from the event loop alone.

    Only Python's own hashes of ids are kept: they are fast, take 8 bytes, and differ in each process.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: OrderedDict[int, array[int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, request_id: str, item_ids: Sequence[str]) -> None:
        """Add the items of an answer. A repeated request id replaces the earlier answer."""
        request = hash(request_id)
        self._items[request] = array("q", sorted(map(hash, item_ids)))
        self._items.move_to_end(request)
        if len(self._items) > self._capacity:
            self._items.popitem(last=False)

    def has(self, request_id: str, item_id: str) -> bool:
        """Whether a remembered answer has shown an item."""
        shown, item = self._items.get(hash(request_id)), hash(item_id)
        if shown is None:
            return False
        place = bisect_left(shown, item)
        return place < len(shown) and shown[place] == item
