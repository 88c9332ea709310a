"""Who embeds a corpus's batches: this process, or others (see `ray_workers`)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Embed(Protocol):
    """Turns a batch into vectors, `[batch, width]`. It may be pickled, and called on other machines."""

    @property
    def on_gpu(self) -> bool:
        """Whether it computes on a GPU where there is one."""

    def __call__(self, batch: Sequence[Any], /) -> NDArray[np.floating]:
        """The vectors of a batch."""


class Workers(Protocol):
    """Embeds batches."""

    def map(self, embed: Embed, batches: Iterable[Sequence[Any]]) -> Iterator[NDArray[np.floating]]:
        """The vectors of each batch, in the order of the batches.

        Args:
            embed: what turns a batch into vectors.
            batches: each goes through the encoder as a whole.

        Raises:
            WorkersError: workers can't be had.
        """


class ThisProcess:
    """Embeds here, one batch after the other."""

    def map(self, embed: Embed, batches: Iterable[Sequence[Any]]) -> Iterator[NDArray[np.floating]]:
        """As `Workers.map`."""
        return (embed(batch) for batch in batches)
