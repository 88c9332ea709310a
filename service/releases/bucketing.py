"""Bucketing: which devices take a canary. Each computes it from its own id, which is never sent."""

import hashlib

_BUCKETS = 2**32


def takes_canary(salt: str, device_id: str, percent: float) -> bool:
    """Whether a device is among `percent` of all.

    Its bucket must be below that share of 2^32. The same salt gives the same bucket: a device that takes a canary at
    10 percent also does at 20.
    """
    return bucket_of(salt, device_id) * 100 < percent * _BUCKETS


def bucket_of(salt: str, device_id: str) -> int:
    """A device's bucket, 0 to 2^32 - 1: the first four bytes of SHA-256 over `salt:id`, big-endian."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{device_id}".encode()).digest()[:4], "big")
