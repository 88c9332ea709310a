"""Texts and pairs as token ids: `[CLS] a [SEP]`, or `[CLS] a [SEP] b [SEP]` with segments 0 and 1."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model_build.common.batching import PAD_ID
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


def rows_apart(columns: Sequence[Sequence[Sequence[int]]], ends: tuple[int, int], max_length: int) -> list[Row]:
    """Do the same for a reader of single texts: `max_length` is of each text, with its own special tokens."""
    room = max_length - 2
    rows = rows_of([[ids[:room] for ids in column] for column in columns], ends, len(columns) * max_length)
    cut = [any(len(ids) > room for ids in texts) for texts in zip(*columns, strict=True)]
    return [row._replace(truncated=one) for row, one in zip(rows, cut, strict=True)]


def sides(tokens: Tokens) -> tuple[Tokens, Tokens]:
    """Take the pairs of a batch apart, into rows of their first and of their second texts."""
    places = torch.arange(tokens.ids.shape[1], device=tokens.ids.device)
    second = tokens.mask * tokens.segments
    begins = (tokens.mask - second).sum(1, keepdim=True)
    lengths = second.sum(1, keepdim=True)
    # A second text follows the first one's `[SEP]`; as a row of its own it begins with `[CLS]`.
    moved = (begins - 1 + places).clamp(max=len(places) - 1)
    shifted = torch.where(places == 0, tokens.ids[:, :1], tokens.ids.gather(1, moved))
    return _row(tokens.ids, places < begins), _row(shifted, places < lengths + 1)


def _row(ids: Tensor, known: Tensor) -> Tokens:
    longest = int(known.sum(1).max())
    mask = known[:, :longest].long()
    return Tokens(ids[:, :longest] * mask + PAD_ID * (1 - mask), mask, torch.zeros_like(mask))


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
