"""The order of training batches: a pure function of seed and step, so that a resumed run sees the same batches."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LENGTH_JITTER = 2.0  # tokens; enough to mix an epoch's batches, little enough to keep padding small


class BatchStream:
    """An endless stream of batches of similar length; order and mixture change every epoch."""

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        """Prepare a stream of examples with these lengths in tokens.

        An epoch drops the last, smaller batch unless it is the only one.
        """
        self._lengths = np.asarray(lengths, dtype=np.float64)
        self._size = min(batch_size, len(self._lengths))
        self._count = len(self._lengths) // self._size
        self._seed = seed
        self._epoch = lru_cache(maxsize=1)(self._plan)

    def at(self, step: int) -> NDArray[np.int64]:
        """Indices of the examples in the batch of a step: int64 `[batch]`."""
        epoch, place = divmod(step, self._count)
        batch: NDArray[np.int64] = self._epoch(epoch)[place]
        return batch

    def _plan(self, epoch: int) -> NDArray[np.int64]:
        rng = np.random.default_rng([self._seed, epoch])
        jittered = self._lengths + rng.uniform(-LENGTH_JITTER, LENGTH_JITTER, len(self._lengths))
        order = np.argsort(jittered, kind="stable")
        # The remainder that fills no batch differs every epoch.
        spare = len(order) - self._count * self._size
        order = np.delete(order, rng.choice(len(order), spare, replace=False))
        return rng.permutation(order.reshape(self._count, self._size))
