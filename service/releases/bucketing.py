"""Which devices take a candidate: each draws for itself, from its id, which therefore never leaves it."""

import hashlib

_DRAWN = 2**32


def takes_canary(salt: str, device_id: str, percent: float) -> bool:
    """Whether a device is among `percent` of all.

    Its number, the first four bytes of SHA-256 over `salt:id` as a big-endian integer, must be below that share of
    2^32. The same salt draws the same number: a device that takes the candidate at 10 percent does at 20, too.
    """
    return bucket_of(salt, device_id) * 100 < percent * _DRAWN


def bucket_of(salt: str, device_id: str) -> int:
    """A device's number, from 0 to 2^32 - 1."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{device_id}".encode()).digest()[:4], "big")
