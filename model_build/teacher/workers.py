"""Workers that embed a corpus's batches: this process, or others (see `ray`)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Embed(Protocol):
    """Turns a batch into vectors, `[batch, width]`. It may be pickled and called on other machines."""

    @property
    def on_gpu(self) -> bool:
        """True if it uses a GPU where there is one."""

    def __call__(self, batch: Sequence[Any], /) -> NDArray[np.floating]:
        """Embed a batch."""


class Workers(Protocol):
    """Embeds batches."""

    def map(self, embed: Embed, batches: Iterable[Sequence[Any]]) -> Iterator[NDArray[np.floating]]:
        """Yield the vectors of each batch, in order; a batch goes through the encoder as a whole.

        Raises:
            WorkersError: no workers can be started.
        """


class ThisProcess:
    """Embeds in this process, batch by batch."""

    def map(self, embed: Embed, batches: Iterable[Sequence[Any]]) -> Iterator[NDArray[np.floating]]:
        """Implement `Workers.map`."""
        return (embed(batch) for batch in batches)
