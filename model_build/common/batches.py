"""The order of training batches: a pure function of seed and step, so that a resumed run sees the same batches."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LENGTH_JITTER = 2.0  # tokens; enough to mix an epoch's batches, little enough to keep padding small
TOPIC_WINDOW = 32  # batches of similar length within which examples are sorted by topic
_SAMPLE = 20_000


def topics_of(vectors: NDArray[np.floating], bits: int) -> NDArray[np.int64]:
    """Hash texts into `2 ** bits` coarse topics: one bit for each side of the median along a principal component.

    The components are those of a sample. The first is left out: along it texts differ mostly by length and register.
    It is a locality-sensitive hash (Charikar, STOC 2002, with learned planes), not a clustering: cheap, even and
    deterministic.

    Args:
        vectors: `[texts, width]`, unit length.
        bits: at least 1.

    Returns:
        int64 `[texts]`.
    """
    sample = np.asarray(vectors[:: max(1, len(vectors) // _SAMPLE)], dtype=np.float64)
    _, axes = np.linalg.eigh(sample.T @ sample)  # ascending
    planes = axes[:, ::-1][:, 1 : bits + 1]
    medians = np.median(sample @ planes, axis=0)
    code = np.empty(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), _SAMPLE):
        sides = np.asarray(vectors[start : start + _SAMPLE], dtype=np.float64) @ planes > medians
        code[start : start + _SAMPLE] = sides @ (1 << np.arange(planes.shape[1]))
    return code


class BatchStream:
    """An endless stream of batches of similar length; order and mixture change every epoch."""

    def __init__(
        self, lengths: Sequence[int], batch_size: int, seed: int, topics: NDArray[np.int64] | None = None
    ) -> None:
        """Prepare a stream.

        Args:
            lengths: tokens of each example.
            batch_size: examples per batch; an epoch drops the last, smaller batch unless it is the only one.
            seed: determines mixture and order.
            topics: int64 `[examples]`; if given, each batch holds texts of few topics, which are hard to tell apart.
        """
        self._topics = topics
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
        if self._topics is not None:
            order = self._by_topic(order, self._topics, rng)
        return rng.permutation(order.reshape(self._count, self._size))

    def _by_topic(
        self, order: NDArray[np.int64], topics: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Sort each window by topic; the order of the topics changes every epoch."""
        rank = rng.permutation(int(topics.max()) + 1)[topics] + rng.random(len(topics))
        window = TOPIC_WINDOW * self._size
        windows = (order[start : start + window] for start in range(0, len(order), window))
        return np.concatenate([part[np.argsort(rank[part], kind="stable")] for part in windows])
