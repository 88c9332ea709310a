"""The items that recent answers of all workers have shown, in a mapped file."""

import mmap
from array import array
from collections.abc import Sequence
from pathlib import Path
from struct import Struct

import numpy as np

from service.files.shared import SharedFile

ITEMS_PER_ANSWER = 200
_HEAD = Struct("<QQ")  # answers and items that were ever written
_ANSWER = Struct("<QQQQQ")  # its number, its request, the answer before it in the chain, its first item, how many
_LINK = Struct("<Q")
_ITEM_BYTES = 4
_LOW, _ALL = 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF


class SharedImpressions:
    """Remembers the items of the latest `capacity` answers of any worker.

    Two ring buffers, of answers and of their items, and hash chains of answers by request: a chain begins with the
    latest answer and ends at an overwritten one, so that nothing is ever removed. The ring of items has room for 200
    per answer; if answers show more, fewer are remembered.

    Hashes are Python's own, for which all workers have the same seed; 32 bits of an item's are kept.
    """

    def __init__(self, path: Path, capacity: int) -> None:
        """Map the file; all processes must use the same capacity."""
        self._answers, self._items = capacity, capacity * ITEMS_PER_ANSWER
        self._chains = 2 * capacity
        self._answers_at = _HEAD.size
        self._chains_at = self._answers_at + self._answers * _ANSWER.size
        items_at = self._chains_at + self._chains * _LINK.size
        self._file = SharedFile(path, items_at + self._items * _ITEM_BYTES)
        self._memory: mmap.mmap = self._file.memory
        self._ring = np.frombuffer(self._memory, np.uint32, self._items, items_at)

    def __len__(self) -> int:
        written, _ = _HEAD.unpack_from(self._memory)
        return int(min(written, self._answers))

    def put(self, request_id: str, item_ids: Sequence[str]) -> None:
        """Add the items of an answer. A repeated request id replaces the earlier answer."""
        if not self._answers:
            return
        request = hash(request_id) & _ALL
        items = np.array(array("q", map(hash, item_ids[: self._items])), np.int64).astype(np.uint32)
        with self._file.locked() as held:
            if held:  # else the process with the lock is stopped: this answer is not remembered
                self._write(request, items)

    def has(self, request_id: str, item_id: str) -> bool:
        """Whether a remembered answer has shown an item."""
        if not self._answers:
            return False
        request, item = hash(request_id) & _ALL, hash(item_id) & _LOW
        with self._file.locked():
            found = self._find(request)
            return found is not None and bool((self._shown(*found) == item).any())

    def _write(self, request: int, items: np.ndarray) -> None:
        answers, written = _HEAD.unpack_from(self._memory)
        number, link = answers + 1, self._chains_at + request % self._chains * _LINK.size
        (before,) = _LINK.unpack_from(self._memory, link)
        places = (written + np.arange(len(items))) % self._items
        self._ring[places] = items
        _ANSWER.pack_into(self._memory, self._at(number), number, request, before, written, len(items))
        _LINK.pack_into(self._memory, link, number)
        _HEAD.pack_into(self._memory, 0, number, written + len(items))

    def _find(self, request: int) -> tuple[int, int] | None:
        """Offset and number of the items of the latest answer to a request."""
        _, written = _HEAD.unpack_from(self._memory)
        (number,) = _LINK.unpack_from(self._memory, self._chains_at + request % self._chains * _LINK.size)
        while number:
            there, its_request, before, first, count = _ANSWER.unpack_from(self._memory, self._at(number))
            if there != number:
                return None
            if its_request == request:
                return (first, count) if written - first <= self._items else None
            number = before
        return None

    def _shown(self, first: int, count: int) -> np.ndarray:
        shown: np.ndarray = self._ring[(first + np.arange(count)) % self._items]
        return shown

    def _at(self, number: int) -> int:
        return self._answers_at + number % self._answers * _ANSWER.size
