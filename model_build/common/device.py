"""The device of the long computations: a GPU where there is one.

Models are stored as on a CPU: code that moves one to the GPU moves it back. A GPU sums in another order, so its
vectors and weights are close to those of a CPU, but not equal.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

CPU = torch.device("cpu")


def compute_device() -> torch.device:
    """The GPU with this process's `LOCAL_RANK`, by default the first; the CPU where CUDA has none.

    `CUDA_VISIBLE_DEVICES=` hides GPUs.
    """
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if torch.cuda.is_available() else CPU


def device_of(model: object) -> torch.device:
    """The device of a model's parameters; the CPU if it has none."""
    return next((one.device for one in model.parameters()), CPU) if isinstance(model, nn.Module) else CPU


@contextmanager
def brought_back(*models: nn.Module) -> Iterator[None]:
    """Move models to the CPU at the end of the block."""
    try:
        yield
    finally:
        for model in models:
            model.to(CPU)


@contextmanager
def computing(*models: nn.Module) -> Iterator[torch.device]:
    """Move models to the compute device for the block, and back to the CPU at its end."""
    device = compute_device()
    with brought_back(*models):
        for model in models:
            model.to(device)
        yield device
