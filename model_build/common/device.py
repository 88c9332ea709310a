"""Where the long parts of a build compute: on a GPU where there is one.

What is kept is kept as on a processor: whoever moves a model to the GPU brings it back. A GPU's sums are split in
another way, so that its vectors and weights are near those of a processor, but not the same.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

CPU = torch.device("cpu")


def compute_device() -> torch.device:
    """The GPU of this process (see `processes`), of one process the first that CUDA shows; the processor without any.

    `CUDA_VISIBLE_DEVICES=` hides GPUs.
    """
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if torch.cuda.is_available() else CPU


def device_of(model: object) -> torch.device:
    """Where a model's parameters are; the processor for what has none."""
    return next((one.device for one in model.parameters()), CPU) if isinstance(model, nn.Module) else CPU


@contextmanager
def brought_back(*models: nn.Module) -> Iterator[None]:
    """Bring models back to the processor, wherever they are by then."""
    try:
        yield
    finally:
        for model in models:
            model.to(CPU)


@contextmanager
def computing(*models: nn.Module) -> Iterator[torch.device]:
    """Have models on the compute device for a while, and bring them back."""
    device = compute_device()
    with brought_back(*models):
        for model in models:
            model.to(device)
        yield device
