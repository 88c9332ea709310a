"""The features of a pair of vectors, in torch; `service.heads.pair_features` has their source."""

import math

import torch
from torch import Tensor


def pair_features(left: Tensor, right: Tensor) -> Tensor:
    """`|u - v|`, then `u * v` times the root of the width: `[pairs, width]` twice -> `[pairs, 2 * width]`."""
    return torch.cat([(left - right).abs(), math.sqrt(left.shape[1]) * left * right], dim=-1)
