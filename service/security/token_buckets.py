"""Token buckets by name, of one process or shared by the workers of a service."""

import struct
import zlib
from pathlib import Path

from service.files.shared import SharedFile

_RECORD = struct.Struct("<32sdd")  # a key's name, its tokens, and when they were counted
_RECORDS = 4096


def _taken(tokens: float, elapsed_s: float, rate: float, most: float) -> tuple[float, float]:
    """The tokens left after one is taken, and the seconds to wait if there was none."""
    tokens = min(most, tokens + max(0.0, elapsed_s) * rate)
    return (tokens - 1, 0.0) if tokens >= 1 else (tokens, (1 - tokens) / rate)


class LocalTokenBuckets:
    """Buckets of this process, each full at first."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, rate: float, most: float, now: float) -> float:
        """Take a token from a bucket; returns 0 if there was one, else the seconds until there is one.

        `rate` is in tokens per second, `most` the capacity; a name has 32 bytes of UTF-8 at most. All processes share
        the clock that `now` is of.
        """
        tokens, counted_at = self._buckets.get(name, (most, now))
        tokens, wait_s = _taken(tokens, now - counted_at, rate, most)
        self._buckets[name] = tokens, max(now, counted_at)
        return wait_s


class SharedTokenBuckets:
    """Buckets in a memory-mapped file; taking a token costs a lock and its release.

    Names keep their records while the service runs. With more names than records, the surplus names share records, and
    may get a burst too many now and then.
    """

    def __init__(self, path: Path) -> None:
        self._file = SharedFile(path, _RECORDS * _RECORD.size)

    def take(self, name: str, rate: float, most: float, now: float) -> float:
        """Take a token; see `LocalTokenBuckets`."""
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


TokenBuckets = LocalTokenBuckets | SharedTokenBuckets
