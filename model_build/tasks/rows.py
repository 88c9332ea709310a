"""Texts and pairs as token ids: `[CLS] a [SEP]`, or `[CLS] a [SEP] b [SEP]` with segments 0 and 1."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model_build.common.device import CPU
from service.text.pair_row import Row, joined


@dataclass(frozen=True)
class Tokens:
    """A padded batch: ids, attention mask and segments, int64 `[batch, length]` each."""

    ids: Tensor
    mask: Tensor
    segments: Tensor


def rows_of(columns: Sequence[Sequence[Sequence[int]]], ends: tuple[int, int], max_length: int) -> list[Row]:
    """Join the columns' token ids, without special tokens, to rows.

    Args:
        columns: of one or two texts an example, the token ids of each.
        ends: ids of `[CLS]` and `[SEP]`.
        max_length: most tokens of a row.
    """
    return [joined(texts, *ends, max_length) for texts in zip(*columns, strict=True)]


def padded(rows: Sequence[Row], pad_id: int, device: torch.device = CPU) -> Tokens:
    """Pad rows to the longest."""
    longest = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.int64)
    mask, segments = torch.zeros_like(ids), torch.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row.ids)] = torch.tensor(row.ids)
        mask[place, : len(row.ids)] = 1
        segments[place, row.second : len(row.ids)] = 1
    return Tokens(ids.to(device), mask.to(device), segments.to(device))
