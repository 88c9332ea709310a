"""Who embeds a corpus's batches: this process, or others (see `ray_workers`)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Embed = Callable[[Sequence[Any]], NDArray[np.floating]]  # a batch's vectors, [batch, width]


class Workers(Protocol):
    """Embeds batches."""

    def map(self, embed: Embed, batches: Iterable[Sequence[Any]], *, on_gpu: bool) -> Iterator[NDArray[np.floating]]:
        """The vectors of each batch, in the order of the batches.

        Args:
            embed: what turns a batch into vectors. It may be pickled, and called on other machines.
            batches: each goes through the encoder as a whole.
            on_gpu: whether `embed` computes on a GPU where there is one.

        Raises:
            WorkersError: workers can't be had.
        """


class ThisProcess:
    """Embeds here, one batch after the other."""

    def map(
        self, embed: Embed, batches: Iterable[Sequence[Any]], *, on_gpu: bool = False
    ) -> Iterator[NDArray[np.floating]]:
        """As `Workers.map`."""
        del on_gpu  # `embed` knows
        return (embed(batch) for batch in batches)
