"""The losses of distillation, as pure functions of two models' unit vectors, similarities or logits.

Each draws its first argument towards the second. The caller detaches the target, so that a loss acts on one model.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_SELF = -1e4  # masks a text's similarity to itself


def cosine_loss(vectors: Tensor, target: Tensor) -> Tensor:
    """Mean of 1 - cosine; for unit vectors, half the squared distance: `[batch, width]` twice -> scalar."""
    return (1.0 - (vectors * target).sum(-1)).mean()


def similarity_kl(cosines: Tensor, target: Tensor, temperature: float) -> Tensor:
    """KL(target || own) of similarity distributions, a row a text: `[rows, columns]` cosines twice -> scalar."""
    return F.kl_div(
        F.log_softmax(cosines / temperature, dim=-1),
        F.log_softmax(target / temperature, dim=-1),
        log_target=True,
        reduction="batchmean",
    )


def ranking_loss(cosines: Tensor, temperature: float) -> Tensor:
    """InfoNCE: each query's own text, on the diagonal, against the batch's others: `[batch, batch]` -> scalar."""
    return F.cross_entropy(cosines / temperature, torch.arange(len(cosines), device=cosines.device))


def logit_kl(logits: Tensor, target: Tensor) -> Tensor:
    """KL(target || own) of the probabilities of a match, given as logits: `[pairs]` twice -> scalar."""
    probabilities = torch.sigmoid(target)
    entropy = F.binary_cross_entropy_with_logits(target, probabilities)
    return F.binary_cross_entropy_with_logits(logits, probabilities) - entropy


def neighbour_cosines(vectors: Tensor) -> Tensor:
    """Cosines of a batch's texts with each other, the diagonal masked: `[batch, width]` -> `[batch, batch]`."""
    diagonal = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    return (vectors @ vectors.T).masked_fill(diagonal, _SELF)
