"""Distillation shared by several processes that `torchrun` starts (https://docs.pytorch.org/docs/stable/elastic/run.html).

The first process leads: it alone runs the other stages, keeps a journal and writes. The others wait meanwhile, and
take their shard of each batch of the distillation. Every process has the whole student; each embeds its shard, and all
gather the vectors of the whole batch, so that losses that compare texts with each other are those of one process. In a
single process nothing here has an effect.
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

_TIMEOUT = timedelta(days=7)  # the others wait while the leader embeds a corpus


@dataclass(frozen=True)
class Processes:
    """This process, by its rank, among those of its run."""

    rank: int = 0
    size: int = 1

    @property
    def is_leader(self) -> bool:
        """True if this process runs the stages."""
        return self.rank == 0

    def from_leader(self, value: bool) -> bool:
        """Broadcast the leader's `value` to all processes."""
        if self.size == 1:
            return value
        values = [value]
        dist.broadcast_object_list(values, src=0)
        return values[0]

    def wait(self) -> None:
        """Wait for all processes."""
        if self.size > 1:
            dist.barrier()

    def shard(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return this process's shard of a batch.

        Raises:
            RunError: the batch can't be divided evenly.
        """
        if len(indices) % self.size:
            raise RunError(f"a batch of {len(indices)} texts can't be shared evenly by {self.size} processes")
        shard: NDArray[np.int64] = np.split(indices, self.size)[self.rank]
        return shard

    def gathered(self, vectors: Tensor) -> Tensor:
        """Gather all shards' vectors, with gradients: `[shard, width]` -> `[batch, width]`."""
        return torch.cat(all_gather(vectors)) if self.size > 1 else vectors  # type: ignore[no-untyped-call]

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace gradients by their mean over all processes.

        Each process computes the loss of the whole batch, and `all_gather` adds up the gradients of all of them: the
        mean is the gradient of one loss.
        """
        if self.size > 1:
            for parameter in parameters:
                if parameter.grad is not None:
                    dist.all_reduce(parameter.grad)
                    parameter.grad /= self.size


@contextmanager
def join_processes() -> Iterator[Processes]:
    """Join the processes that `torchrun` started; without it there is only this one."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Processes()
        return
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_TIMEOUT)
    try:
        yield Processes(dist.get_rank(), size)
    finally:
        dist.destroy_process_group()
