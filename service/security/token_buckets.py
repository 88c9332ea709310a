"""Token buckets by name: those of one process, or those that the workers of a service share."""

import struct
import zlib
from pathlib import Path
from typing import Protocol

from service.files.shared import SharedFile

_RECORD = struct.Struct("<32sdd")  # a key's name, its tokens, and when they were counted
_RECORDS = 4096


class TokenBuckets(Protocol):
    """Hold tokens."""

    def take(self, name: str, rate: float, most: float, now: float) -> float:
        """Take a token of a bucket, which is full at first.

        Args:
            name: whose, 32 bytes of UTF-8 at most.
            rate: tokens that come in a second.
            most: tokens that it holds when it is full.
            now: seconds of a clock that all who share it have in common.

        Returns:
            0 if there was one, else the seconds until there will be.
        """
        ...


def _taken(tokens: float, elapsed_s: float, rate: float, most: float) -> tuple[float, float]:
    """What is left once a token is taken, and how long to wait if there was none."""
    tokens = min(most, tokens + max(0.0, elapsed_s) * rate)
    return (tokens - 1, 0.0) if tokens >= 1 else (tokens, (1 - tokens) / rate)


class LocalTokenBuckets:
    """TokenBuckets of this process alone."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, rate: float, most: float, now: float) -> float:
        """Take a token."""
        tokens, counted_at = self._buckets.get(name, (most, now))
        tokens, wait_s = _taken(tokens, now - counted_at, rate, most)
        self._buckets[name] = tokens, max(now, counted_at)
        return wait_s


class SharedTokenBuckets:
    """TokenBuckets in a mapped file. A token costs a lock and its release.

    Names keep their places for as long as the service runs; should there ever be more names than places, those that
    have none share the place at which their search begins, and are now and then allowed a burst too many.
    """

    def __init__(self, path: Path) -> None:
        self._file = SharedFile(path, _RECORDS * _RECORD.size)

    def take(self, name: str, rate: float, most: float, now: float) -> float:
        """Take a token."""
        key = name.encode()
        place = self._place(key)
        with self._file.locked(place):
            known, tokens, counted_at = _RECORD.unpack_from(self._file.memory, place * _RECORD.size)
            if known.rstrip(b"\0") != key:
                tokens, counted_at = most, now
            tokens, wait_s = _taken(tokens, now - counted_at, rate, most)
            _RECORD.pack_into(self._file.memory, place * _RECORD.size, key, tokens, max(now, counted_at))
        return wait_s

    def _place(self, key: bytes) -> int:
        first = zlib.crc32(key) % _RECORDS
        for step in range(_RECORDS):
            place = (first + step) % _RECORDS
            start = place * _RECORD.size
            known = self._file.memory[start : start + 32].rstrip(b"\0")
            if not known or known == key:
                return place
        return first
