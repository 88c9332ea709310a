"""Pooling of a pair that is read jointly: the states of both texts, and what tells the two apart.

A small encoder that has learned to embed single texts does not learn from a few thousand pairs to compare two of them
by attention alone. Its pooled states of either text are comparable already. So each text's are pooled too, brought to a
few components in which the released vectors' cosines are best kept, and compared as the features of a head on two
vectors are. What attention between the texts adds is in all three.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import ElectraModel

from model_build.student.pair_features import pair_features
from model_build.student.pooling import StatePooling

COMPARED = 128


class PairPooling(nn.Module):
    """Pools an encoder's states of pairs.

    Attributes:
        whole: pools the states of a text, or of both.
        comparison: pooled states -> the components that are compared.
        width: length of the result.
    """

    def __init__(self, whole: StatePooling, comparison: nn.Linear) -> None:
        super().__init__()
        self.whole, self.comparison = whole, comparison
        self.width = whole.width + 2 * comparison.out_features

    def forward(self, encoder: ElectraModel, ids: Tensor, mask: Tensor, segments: Tensor) -> Tensor:
        """Encode and pool: `[batch, length]` of ids, mask and segments -> `[batch, width]`."""
        states = self.whole.read(encoder, ids, mask, segments)
        second = mask * segments
        left, right = (
            F.normalize(self.comparison(self.whole.pool(states, side)).float(), dim=-1)
            for side in (mask - second, second)
        )
        return torch.cat([self.whole.pool(states, mask).float(), pair_features(left, right)], dim=-1)


@torch.no_grad()
def pair_pooling(pooling: StatePooling, head: nn.Linear) -> PairPooling:
    """Start the pooling of pairs from that of single texts and the head that makes vectors of its result.

    The comparison starts as the directions of the head's greatest singular values, which keep inner products best.
    """
    _, values, directions = torch.linalg.svd(head.weight, full_matrices=False)
    kept = min(COMPARED, len(values))
    comparison = nn.Linear(pooling.width, kept, bias=False)
    comparison.weight.copy_(values[:kept, None] * directions[:kept])
    return PairPooling(pooling, comparison)
