"""Pooling of a student's states into one vector: a mean, plain or with learned weights.

It pools the last layer's states and, with `first-last`, the embedding layer's beside them: a bag of words, which the
last layer's mean blurs. Both means concatenated give the device's vectors `hidden_size + embedding_size` components
instead of `hidden_size`, and so raise the rank that bounds how close a small student comes to a large teacher. (Li et
al., "On the Sentence Embeddings from Pre-trained Language Models", EMNLP 2020, add the two averages instead.)

A token's learned weight is exp(g . h / sqrt(width) + p), where h is its state and p belongs to its position. With all
parameters 0, as at first, this is the mean.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import ElectraConfig, ElectraModel

from model_build.teacher.pooling import mean_pool

SMALLEST_COUNT = 1e-6  # what sums of weights are at least


class TokenWeights(nn.Module):
    """Turns states into the weights of their tokens, by a gate `[width]` and `positions` `[longest text]`."""

    def __init__(self, width: int, max_length: int) -> None:
        super().__init__()
        self.gate = nn.Parameter(torch.zeros(width))
        self.positions = nn.Parameter(torch.zeros(max_length))

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Compute weights, 0 for padding: `[batch, length, width]`, `[batch, length]` -> `[batch, length]`."""
        # A sum of products stays float32 under autocast; exp would magnify the rounding of a bfloat16 product.
        scores = (hidden.float() * self.gate).sum(-1) / math.sqrt(len(self.gate))
        return (scores + self.positions[: hidden.shape[1]]).exp() * mask


def weighted_mean(hidden: Tensor, weights: Tensor) -> Tensor:
    """Average hidden states by weights: `[batch, length, width]`, `[batch, length]` -> `[batch, width]`."""
    column = weights.unsqueeze(-1).to(hidden.dtype)
    return (hidden * column).sum(1) / column.sum(1).clamp(min=SMALLEST_COUNT)


class States(NamedTuple):
    """An encoder's last states, `[batch, length, hidden size]`, and its first, `[batch, length, embedding size]`."""

    last: Tensor
    first: Tensor | None


class StatePooling(nn.Module):
    """Pools an encoder's states.

    Attributes:
        last_weights: of the last layer's states; None for a plain mean.
        first_weights: of the embedding layer's states; None for a plain mean, or where they are not pooled.
        has_first: whether the embedding layer's states are pooled too.
        width: length of the result.
    """

    def __init__(self, config: ElectraConfig, *, weighted: bool, first: bool) -> None:
        super().__init__()
        max_length = config.max_position_embeddings
        self.has_first = first
        self.last_weights = TokenWeights(config.hidden_size, max_length) if weighted else None
        self.first_weights = TokenWeights(config.embedding_size, max_length) if weighted and first else None
        self.width = config.hidden_size + (config.embedding_size if first else 0)

    def forward(self, encoder: ElectraModel, ids: Tensor, mask: Tensor, segments: Tensor | None = None) -> Tensor:
        """Encode and pool: `[batch, length]` of ids, mask and, for pairs, segments -> `[batch, width]`."""
        return self.pool(self.read(encoder, ids, mask, segments), mask)

    def read(self, encoder: ElectraModel, ids: Tensor, mask: Tensor, segments: Tensor | None = None) -> States:
        """Encode: the states that are pooled, `[batch, length, …]`."""
        last = encoder(ids, attention_mask=mask, token_type_ids=segments).last_hidden_state
        first = encoder.embeddings(input_ids=ids, token_type_ids=segments) if self.has_first else None
        return States(last, first)

    def pool(self, states: States, mask: Tensor) -> Tensor:
        """Pool the states of the tokens in a mask: `[batch, width]`."""
        pooled = _mean(states.last, mask, self.last_weights)
        if states.first is None:
            return pooled
        return torch.cat([pooled.float(), _mean(states.first, mask, self.first_weights).float()], dim=-1)

    @torch.no_grad()
    def at_positions(self, places: Tensor) -> None:
        """Take the weights of some positions, int64 `[longest text]`, in place."""
        for weights in (self.last_weights, self.first_weights):
            if weights is not None:
                weights.positions = nn.Parameter(weights.positions[places].clone())


def _mean(states: Tensor, mask: Tensor, weights: TokenWeights | None) -> Tensor:
    return mean_pool(states, mask) if weights is None else weighted_mean(states, weights(states, mask))
