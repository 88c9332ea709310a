"""A seeded permutation of any length and its inverse, without a table."""

import math

import numpy as np
from numpy.typing import NDArray

from loadtests.load.randomness import key_of, mixed

_ROUNDS = 6


class Permutation:
    """A Feistel network over pairs with cycle walking (Black and Rogaway, CT-RSA 2002)."""

    def __init__(self, length: int, seed: int) -> None:
        self._length = length
        self._columns = max(1, math.isqrt(length))
        self._rows = -(-length // self._columns)
        self._keys = [np.uint64(key_of(seed, number)) for number in range(_ROUNDS)]

    def ids_of(self, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The id of each rank, both from 0 to below the length."""
        return self._walk(ranks, self._keys, 1)

    def ranks_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rank of each id."""
        return self._walk(ids, self._keys[::-1], -1)

    def _walk(self, values: NDArray[np.int64], keys: list[np.uint64], sign: int) -> NDArray[np.int64]:
        values = self._step(values, keys, sign)
        while (outside := values >= self._length).any():
            values[outside] = self._step(values[outside], keys, sign)
        return values

    def _step(self, values: NDArray[np.int64], keys: list[np.uint64], sign: int) -> NDArray[np.int64]:
        """One application of the network to pairs (row, column)."""
        row, column = np.divmod(values, self._columns)
        first = 0 if sign > 0 else _ROUNDS - 1
        for place, key in enumerate(keys):
            if (first + sign * place) % 2 == 0:
                row = (row + sign * _hashed(column, key, self._rows)) % self._rows
            else:
                column = (column + sign * _hashed(row, key, self._columns)) % self._columns
        return row * self._columns + column


def _hashed(values: NDArray[np.int64], key: np.uint64, below: int) -> NDArray[np.int64]:
    hashes: NDArray[np.int64] = (mixed(values.astype(np.uint64) ^ key) % np.uint64(below)).astype(np.int64)
    return hashes
