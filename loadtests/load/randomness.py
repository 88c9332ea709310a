"""Counter-based random numbers, hashed from a seed, an id and an index, in any order.

SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) is a counter with a finaliser: number n can be computed alone, so no
state per device is needed.
"""

import numpy as np
from numpy.typing import NDArray

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = (1 << 64) - 1
_UNIT = 2.0**-53


def key_of(*parts: int) -> int:
    """Hash numbers, in order, to a key of 64 bits."""
    key = 0
    for part in parts:
        key = _mixed((key ^ (part & _MASK)) + _GOLDEN & _MASK)
    return key


def uniforms(key: int, count: int) -> NDArray[np.float64]:
    """The first numbers in [0, 1) of a key."""
    counters = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(key)
    return _units(counters)


def uniforms_of(values: NDArray[np.int64], key: int) -> NDArray[np.float64]:
    """One number in [0, 1) for each value, such as the id of a device."""
    return _units(mixed(values.astype(np.uint64) ^ np.uint64(key)))


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser: each input bit changes half of the output bits."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(_FIRST)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(_SECOND)
    return values ^ (values >> np.uint64(31))


def _units(counters: NDArray[np.uint64]) -> NDArray[np.float64]:
    units: NDArray[np.float64] = (mixed(counters) >> np.uint64(11)).astype(np.float64) * _UNIT
    return units


def _mixed(value: int) -> int:
    value = (value ^ (value >> 30)) * _FIRST & _MASK
    value = (value ^ (value >> 27)) * _SECOND & _MASK
    return value ^ (value >> 31)
