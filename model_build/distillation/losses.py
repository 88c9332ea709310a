"""The losses of cross-distillation, as pure functions of the two models' unit vectors.

A vector of the model that is not being taught is detached by the caller, so that each loss acts on one model alone.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_SELF = -1e4  # a text is no neighbour of itself


def representation_loss(learner: Tensor, guide: Tensor) -> Tensor:
    """Mean of 1 - cosine; for unit vectors, half the squared distance: `[batch, width]` twice -> scalar."""
    return (1.0 - (learner * guide).sum(-1)).mean()


def distribution_loss(learner: Tensor, guide: Tensor, temperature: float) -> Tensor:
    """KL(guide || learner) of similarity distributions, a row a text: `[rows, columns]` cosines twice -> scalar."""
    return F.kl_div(
        F.log_softmax(learner / temperature, dim=-1),
        F.log_softmax(guide / temperature, dim=-1),
        log_target=True,
        reduction="batchmean",
    )


def ranking_loss(cosines: Tensor, temperature: float) -> Tensor:
    """InfoNCE: each query's own text, on the diagonal, against the batch's others: `[batch, batch]` -> scalar."""
    return F.cross_entropy(cosines / temperature, torch.arange(len(cosines), device=cosines.device))


def judgement_loss(learner: Tensor, guide: Tensor) -> Tensor:
    """KL(guide || learner) of two verdicts, match or no match, given as logits: `[pairs]` twice -> scalar."""
    theirs = torch.sigmoid(guide)
    entropy = F.binary_cross_entropy_with_logits(guide, theirs)
    return F.binary_cross_entropy_with_logits(learner, theirs) - entropy


def neighbour_cosines(vectors: Tensor) -> Tensor:
    """Cosines of a batch's texts with each other, with itself masked out: `[batch, width]` -> `[batch, batch]`."""
    themselves = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    return (vectors @ vectors.T).masked_fill(themselves, _SELF)
