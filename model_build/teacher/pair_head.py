"""The pair head: a logit of two unit vectors, of their components' products.

    logit = sum_k weight_k u_k v_k + bias

It is a cosine whose directions count differently, and symmetric. It is also a quadratic form, `u^T diag(w) v`, and so
what the head says in the teacher's space can be said in any rotation and projection of it, exactly: that is how it
gets onto the device, whose vectors are shorter (see `fusion`). Features such as |u - v| would be bound to their axes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

_START = 10.0  # logits of cosines that tell something, before anything is fit
_INVERSE_PENALTY = 1e3  # two numbers, of many pairs: as the data have it


class PairHead(nn.Module):
    """Two unit vectors -> how likely they match, as a logit; for each task another one."""

    def __init__(self, tasks: int, width: int) -> None:
        """Start as a cosine."""
        super().__init__()
        self.weight = nn.Parameter(torch.full((tasks, width), _START))
        self.bias = nn.Parameter(torch.zeros(tasks))

    def forward(self, first: Tensor, second: Tensor, tasks: Tensor) -> Tensor:
        """Logits: `[pairs, width]` twice, int64 `[pairs]` -> `[pairs]`."""
        logits: Tensor = (first * second * self.weight[tasks]).sum(-1) + self.bias[tasks]
        return logits

    @torch.no_grad()
    def fit_scale(self, task: int, first: Tensor, second: Tensor, labels: NDArray[np.float32]) -> None:
        """Set how steep a task's logits are, and where they are 0, by labelled pairs: `[pairs, width]` twice."""
        logits = self(first, second, torch.full((len(labels),), task)).numpy()
        model = LogisticRegression(C=_INVERSE_PENALTY).fit(logits[:, None], labels > 0.5)
        slope, shift = float(model.coef_[0, 0]), float(model.intercept_[0])
        self.weight[task] *= slope
        self.bias[task] = slope * self.bias[task] + shift


def pair_figures(
    names: Sequence[str], logits: NDArray[np.floating], labels: NDArray[np.float32], tasks: NDArray[np.int64]
) -> Mapping[str, float]:
    """How well logits tell which pairs of each task match: accuracy at 0, and the area under the ROC curve."""
    figures = {}
    for number, name in enumerate(names):
        own = tasks == number
        matches, said = labels[own] > 0.5, logits[own]
        figures[f"{name} accuracy"] = float(((said > 0) == matches).mean())
        figures[f"{name} ROC-AUC"] = float(roc_auc_score(matches, said))
    return figures
