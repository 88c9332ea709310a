"""Token ids as padded tensors, and texts embedded in batches of similar length."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_build.common.device import CPU, device_of

PAD_ID = 0  # of every student


def pad(rows: Sequence[Sequence[int]], pad_id: int, device: torch.device = CPU) -> tuple[Tensor, Tensor]:
    """Pad rows of token ids: ids and attention mask, int64 `[rows, longest]`, on a device."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.int64)
    mask = torch.zeros((len(rows), longest), dtype=torch.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        mask[number, : len(row)] = 1
    return ids.to(device), mask.to(device)


def batches_by_length(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Split indices into batches of similar length, the shortest first."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def embed_by_length(
    embed: Callable[[list[Any]], NDArray[np.float32]], items: Sequence[Any], batch_size: int
) -> NDArray[np.float32]:
    """Embed items (texts, or rows of token ids) in batches of similar length: float32 `[items, width]`, in order."""
    batches = batches_by_length([len(item) for item in items], batch_size)
    parts = [embed([items[index] for index in batch]) for batch in batches]
    vectors = np.empty((len(items), parts[0].shape[1] if parts else 0), dtype=np.float32)
    for batch, part in zip(batches, parts, strict=True):
        vectors[batch] = part
    return vectors


@torch.inference_mode()
def embed_rows(
    student: Callable[[Tensor, Tensor], Tensor], rows: Sequence[Sequence[int]], batch_size: int = 256
) -> NDArray[np.float32]:
    """A student's vectors of tokenised texts: float32 `[rows, width]`, in order."""
    device = device_of(student)
    return embed_by_length(lambda batch: student(*pad(batch, PAD_ID, device)).cpu().numpy(), rows, batch_size)
