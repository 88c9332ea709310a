"""Learned pooling: how much each token counts in the vector of its text.

A token's weight is exp(g . h / sqrt(width) + p), where h is its hidden state and p belongs to its place: a text's first
words often say more of it than its hundredth. With all parameters 0, as at first, this is the mean.
"""

import math

import torch
from torch import Tensor, nn


class TokenWeights(nn.Module):
    """Turns hidden states into the weights of their tokens.

    Attributes:
        gate: `[width]`.
        places: `[longest text]`.
    """

    def __init__(self, width: int, max_length: int) -> None:
        super().__init__()
        self.gate = nn.Parameter(torch.zeros(width))
        self.places = nn.Parameter(torch.zeros(max_length))

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Weights, 0 for padding: `[batch, length, width]`, `[batch, length]` -> `[batch, length]`."""
        # A sum of products, which autocast leaves in float32: what exp makes of a rounded score would be rough.
        opened = (hidden.float() * self.gate).sum(-1) / math.sqrt(len(self.gate))
        return (opened + self.places[: hidden.shape[1]]).exp() * mask


def weighted_mean(hidden: Tensor, weights: Tensor) -> Tensor:
    """Mean of hidden states by weights: `[batch, length, width]`, `[batch, length]` -> `[batch, width]`."""
    column = weights.unsqueeze(-1).to(hidden.dtype)
    return (hidden * column).sum(1) / column.sum(1).clamp(min=1e-6)
