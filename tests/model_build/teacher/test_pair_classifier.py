import numpy as np
import pytest
import torch
import torch.nn.functional as F

from model_build.teacher.pair_classifier import PairClassifier, pair_metrics


def test_each_pair_is_judged_by_the_head_of_its_task() -> None:
    head = PairClassifier(2, 3)
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]]))
        head.bias.copy_(torch.tensor([0.5, -1.0]))
    first, second = torch.tensor([[2.0, 1.0, 3.0]] * 2), torch.tensor([[4.0, 5.0, 6.0]] * 2)
    tasks = torch.tensor([0, 1])
    assert head(first, second, tasks).tolist() == [8.5, 35.0]
    assert torch.equal(head(first, second, tasks), head(second, first, tasks))


def test_a_scaled_head_is_zero_where_matches_begin() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 400).astype(np.float32)
    cosines = torch.from_numpy(np.clip(0.6 + 0.3 * labels + rng.normal(0, 0.05, 400), -1, 1)).float()
    first = F.one_hot(torch.zeros(400, dtype=torch.int64), 4).float()
    second = torch.stack([cosines, (1 - cosines**2).sqrt(), 0 * cosines, 0 * cosines], dim=1)
    head = PairClassifier(2, 4)
    before = head.weight[0].detach().clone()
    head.fit_scale(1, first, second, labels)
    assert torch.equal(head.weight[0], before)
    threshold = -head.bias[1] / head.weight[1, 0]
    assert threshold.item() == pytest.approx(0.75, abs=0.05)


def test_figures_are_of_each_task_alone() -> None:
    logits, labels = np.array([1.0, -1.0, -1.0, -2.0, -3.0]), np.array([1, 0, 1, 0, 0], dtype=np.float32)
    figures = pair_metrics(["a", "b"], logits, labels, np.array([0, 0, 1, 1, 1]))
    assert figures == {"a accuracy": 1.0, "a ROC-AUC": 1.0, "b accuracy": pytest.approx(2 / 3), "b ROC-AUC": 1.0}
