"""How the states of a student's tokens become one vector of their text: a mean, weighted or not.

The states are those of the last layer, and where asked, beside them, those of the embedding layer: a bag of words,
which the last layer's mean blurs. Both means side by side give the device's vectors `hidden_size + embedding_size`
components instead of `hidden_size`, which is what bounds how close a small student comes to a teacher of many: the
matrix behind them can't reach more dimensions than it has columns. (The first and the last layer's averages are an old
pair; see Li et al., "On the Sentence Embeddings from Pre-trained Language Models", EMNLP 2020. There they are added.)
"""

import torch
from torch import Tensor, nn
from transformers import ElectraConfig, ElectraModel

from model_build.student.token_weights import TokenWeights, weighted_mean
from model_build.teacher.pooling import mean_pool


class StatePooling(nn.Module):
    """Pools an encoder's states.

    Attributes:
        last_weights: of the mean over the last layer's states; None where all tokens count alike.
        first_weights: of the mean over the embedding layer's states; None where all count alike, or where there is no
            such mean.
        has_first: whether the embedding layer's states are pooled too.
        width: length of what comes out.
    """

    def __init__(self, config: ElectraConfig, *, weighted: bool, first: bool) -> None:
        super().__init__()
        places = config.max_position_embeddings
        self.has_first = first
        self.last_weights = TokenWeights(config.hidden_size, places) if weighted else None
        self.first_weights = TokenWeights(config.embedding_size, places) if weighted and first else None
        self.width = config.hidden_size + (config.embedding_size if first else 0)

    def forward(self, encoder: ElectraModel, ids: Tensor, mask: Tensor) -> Tensor:
        """One vector a text: `[batch, length]`, `[batch, length]` -> `[batch, width]`."""
        pooled = _mean(encoder(ids, attention_mask=mask).last_hidden_state, mask, self.last_weights)
        if not self.has_first:
            return pooled
        words = _mean(encoder.embeddings(input_ids=ids), mask, self.first_weights)
        return torch.cat([pooled.float(), words.float()], dim=-1)

    @torch.no_grad()
    def shorten(self, max_length: int) -> None:
        """Drop the weights of places beyond `max_length`; changes in place."""
        for weights in (self.last_weights, self.first_weights):
            if weights is not None:
                weights.places = nn.Parameter(weights.places[:max_length].clone())


def _mean(states: Tensor, mask: Tensor, weights: TokenWeights | None) -> Tensor:
    return mean_pool(states, mask) if weights is None else weighted_mean(states, weights(states, mask))
