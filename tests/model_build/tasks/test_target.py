import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr
from sklearn.metrics import log_loss, roc_auc_score
from torch import nn

from model_build.tasks.target import Classes, Grades

CLASSES = Classes(("a", "b", "c"))
GRADES = Grades.of(np.array([1.0, 2.0, 3.0, 6.0]))


def test_classes_are_numbered_and_scored_by_their_logits() -> None:
    labels = np.array(["c", "a", "b", "a"])
    values = CLASSES.values(labels)
    logits = np.eye(3)[[2, 0, 0, 0]]
    assert values.tolist() == [2, 0, 1, 0]
    assert CLASSES.outputs == 3
    assert CLASSES.quality(logits, values) == 0.75
    assert CLASSES.baseline(values) == 0.5
    quality = CLASSES.measure(logits, values, seed=1)
    assert (quality.metric, quality.value) == ("accuracy", 0.75)
    assert quality.interval.low < 0.75 < quality.interval.high
    assert "ROC-AUC" not in quality.more


def test_of_two_classes_the_area_under_the_curve_is_measured() -> None:
    draw = np.random.default_rng(0)
    values, logits = draw.integers(0, 2, 200), draw.normal(size=(200, 2))
    logits[:, 1] += values
    more = Classes(("no", "yes")).measure(logits, values, seed=1).more
    assert more["ROC-AUC"] == pytest.approx(roc_auc_score(values, logits[:, 1] - logits[:, 0]))
    assert more["ROC-AUC low"] < more["ROC-AUC"] < more["ROC-AUC high"]


def test_released_logits_of_classes_are_calibrated() -> None:
    draw = np.random.default_rng(1)
    head, inputs, values = nn.Linear(4, 3), torch.randn(80, 4), draw.integers(0, 3, 80)
    with torch.no_grad():
        head.weight.mul_(50)
        before = head(inputs).double().numpy()
        said = CLASSES.finish(head, before, values)
        after = head(inputs).double().numpy()
    temperature = float(said.removeprefix("temperature "))
    assert temperature > 1
    assert np.allclose(after, before / temperature, rtol=1e-3)
    of = [np.exp(one) / np.exp(one).sum(1, keepdims=True) for one in (before - before.max(1, keepdims=True), after)]
    assert log_loss(values, of[1]) < log_loss(values, of[0])


def test_grades_train_standardized_and_are_released_on_their_own_scale() -> None:
    values = np.array([1.0, 2.0, 3.0, 6.0])
    assert (GRADES.low, GRADES.high, GRADES.outputs) == (1.0, 6.0, 1)
    logits = torch.tensor([[0.0], [0.5], [-1.0], [2.0]])
    expected = F.mse_loss(logits[:, 0], torch.tensor((values - values.mean()) / values.std()).float())
    assert torch.isclose(GRADES.loss(logits, torch.from_numpy(values)), expected)
    assert GRADES.soft_loss(logits, logits, 2.0) == 0
    head = nn.Linear(2, 1)
    inputs = torch.randn(5, 2)
    with torch.no_grad():
        before = head(inputs)
        GRADES.finish(head, before.double().numpy(), values)
        assert torch.allclose(head(inputs), before * values.std() + values.mean(), atol=1e-5)


def test_grades_are_measured_by_their_ranks_and_their_distance() -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=100)
    given = values + draw.normal(size=100)
    quality = GRADES.measure(given[:, None], values, seed=1)
    assert quality.metric == "Spearman correlation"
    assert quality.value == pytest.approx(spearmanr(given, values).statistic)
    assert quality.more["root mean squared error"] == pytest.approx(np.sqrt(np.mean((given - values) ** 2)))
    assert GRADES.baseline(values) == 0.0


def test_records_say_what_is_given() -> None:
    assert CLASSES.record("text").classes == ("a", "b", "c")
    record = GRADES.record("pair")
    assert record.grades is not None
    assert (record.kind, record.classes, record.grades.high, record.outputs) == ("pair", (), 6.0, 1)
    assert "grades" not in CLASSES.record("text").model_dump()
