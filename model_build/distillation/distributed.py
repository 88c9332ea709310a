"""Several processes that share a distillation, as `torchrun` starts them (https://docs.pytorch.org/docs/stable/elastic/run.html).

The first process leads: it alone makes stages, keeps a journal and writes. The others follow: they wait while it works
alone, and take their part of each batch of the distillation. Every process has the whole student; each embeds its part
of a batch, and all then see all of the batch's vectors, so that losses which compare texts with each other are those of
one process. Where no others were started, nothing here does anything.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributed.nn.functional import all_gather

from model_build.common.errors import RunError

_PATIENCE = timedelta(days=7)  # while the leader embeds a corpus, the others wait


@dataclass(frozen=True)
class Processes:
    """This process among those of its run.

    Attributes:
        rank: its number, from 0.
        size: how many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process makes the stages."""
        return self.rank == 0

    def told(self, value: bool) -> bool:
        """What the leader says; its own `value` for the leader."""
        if self.size == 1:
            return value
        said = [value]
        dist.broadcast_object_list(said, src=0)
        return said[0]

    def wait(self) -> None:
        """Wait until all have come here."""
        if self.size > 1:
            dist.barrier()

    def part(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """This process's part of a batch.

        Raises:
            RunError: the batch can't be shared evenly.
        """
        if len(places) % self.size:
            raise RunError(f"a batch of {len(places)} texts can't be shared evenly by {self.size} processes")
        part: NDArray[np.int64] = np.split(places, self.size)[self.rank]
        return part

    def joined(self, vectors: Tensor) -> Tensor:
        """The whole batch's vectors, of every process's part: `[part, width]` -> `[batch, width]`, with gradients."""
        return torch.cat(all_gather(vectors)) if self.size > 1 else vectors  # type: ignore[no-untyped-call]

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Have every process go on with the mean of all gradients.

        Each has the loss of the whole batch, and through its own part's vectors the gradients of as many losses as
        there are processes: the mean is the gradient of one loss.
        """
        if self.size > 1:
            for parameter in parameters:
                if parameter.grad is not None:
                    dist.all_reduce(parameter.grad)
                    parameter.grad /= self.size


@contextmanager
def joined_processes() -> Iterator[Processes]:
    """Join the processes that `torchrun` has started with this one; alone without it."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Processes()
        return
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_PATIENCE)
    try:
        yield Processes(dist.get_rank(), size)
    finally:
        dist.destroy_process_group()
