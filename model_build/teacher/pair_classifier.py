"""The pair classifier: a logit of two unit vectors, linear in the products of their components.

    logit = sum_k weight_k u_k v_k + bias

It is a cosine with weighted axes, symmetric, and a quadratic form `u^T diag(w) v`: it can be carried exactly into any
rotation and projection of the space, and so onto the device, whose vectors are shorter (see `student.fuse`). Features
such as |u - v| would be tied to their axes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

_INITIAL_WEIGHT = 10.0  # cosines as logits before anything is fitted
_INVERSE_PENALTY = 1e3  # two parameters and many pairs need no regularisation


class PairClassifier(nn.Module):
    """Classify pairs of unit vectors as matching or not, for each of several tasks."""

    def __init__(self, tasks: int, width: int) -> None:
        """Start as a cosine."""
        super().__init__()
        self.weight = nn.Parameter(torch.full((tasks, width), _INITIAL_WEIGHT))
        self.bias = nn.Parameter(torch.zeros(tasks))

    def forward(self, first: Tensor, second: Tensor, tasks: Tensor) -> Tensor:
        """Compute logits: `[pairs, width]` twice, int64 `[pairs]` -> `[pairs]`."""
        logits: Tensor = (first * second * self.weight[tasks]).sum(-1) + self.bias[tasks]
        return logits

    @torch.no_grad()
    def fit_scale(self, task: int, first: Tensor, second: Tensor, labels: NDArray[np.float32]) -> None:
        """Fit scale and bias of a task's logits to labelled pairs: `[pairs, width]` twice."""
        logits = self(first, second, torch.full((len(labels),), task)).numpy()
        model = LogisticRegression(C=_INVERSE_PENALTY).fit(logits[:, None], labels > 0.5)
        slope, shift = float(model.coef_[0, 0]), float(model.intercept_[0])
        self.weight[task] *= slope
        self.bias[task] = slope * self.bias[task] + shift


def pair_metrics(
    names: Sequence[str], logits: NDArray[np.floating], labels: NDArray[np.float32], tasks: NDArray[np.int64]
) -> Mapping[str, float]:
    """Each task's accuracy at logit 0 and ROC-AUC."""
    metrics = {}
    for number, name in enumerate(names):
        own = tasks == number
        matches, task_logits = labels[own] > 0.5, logits[own]
        metrics[f"{name} accuracy"] = float(((task_logits > 0) == matches).mean())
        metrics[f"{name} ROC-AUC"] = float(roc_auc_score(matches, task_logits))
    return metrics
