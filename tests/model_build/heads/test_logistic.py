import numpy as np
import pytest

from model_build.common.systems import Vectors
from model_build.heads.data import Labels
from model_build.heads.logistic import STRENGTHS, Fit, class_indices, fit_by_folds, fit_on_dev, log_loss
from service.heads.classifier import softmax

NAMES = np.array(["a", "b", "c"])


def clouds(count: int, *, classes: int = 3, noise: float = 0.5, seed: int = 0) -> tuple[Vectors, Labels]:
    """Points around the corners of a simplex, and which corner each belongs to."""
    rng = np.random.default_rng(seed)
    places = np.arange(count) % classes
    points = np.eye(classes, 6)[places] + noise * rng.standard_normal((count, 6))
    return points.astype(np.float32), NAMES[places]


def nothing() -> None:
    pass


def accuracy(fit: Fit, features: Vectors, labels: Labels) -> float:
    return float((np.array(fit.head.classes)[fit.head.logits(features).argmax(axis=1)] == labels).mean())


@pytest.mark.parametrize("classes", [2, 3])
def test_a_head_tells_what_it_was_shown(classes: int) -> None:
    train, labels = clouds(300, classes=classes)
    test, expected = clouds(300, classes=classes, seed=1)
    steps: list[None] = []
    fit = fit_by_folds(train, labels, folds=3, seed=0, step=lambda: steps.append(None))
    assert fit.head.classes == tuple(NAMES[:classes])
    assert fit.head.matrix.shape == (classes, 6)
    assert accuracy(fit, test, expected) > 0.75
    assert fit.regularisation in STRENGTHS
    assert len(fit.held_out) == len(train)
    assert 1 < len(steps) <= len(STRENGTHS)


def test_the_dev_split_chooses_and_does_not_train() -> None:
    train, labels = clouds(300)
    dev, dev_labels = clouds(100, seed=2)
    fit = fit_on_dev(train, labels, dev, dev_labels, step=nothing)
    np.testing.assert_allclose(fit.held_out, fit.head.logits(dev), rtol=1e-4, atol=1e-4)
    turned = fit_on_dev(train, labels, dev, NAMES[(class_indices(dev_labels, NAMES.tolist()) + 1) % 3], step=nothing)
    assert turned.regularisation == STRENGTHS[0], "the less such a dev split is believed, the better"
    assert accuracy(turned, train, labels) > 0.75


def test_the_same_seed_gives_the_same_head() -> None:
    train, labels = clouds(120)
    first, second = (fit_by_folds(train, labels, folds=3, seed=3, step=nothing) for _ in range(2))
    np.testing.assert_array_equal(first.head.matrix, second.head.matrix)
    assert first.temperature == second.temperature


def test_a_class_of_two_examples_is_held_out_in_two_parts() -> None:
    train, labels = clouds(60, classes=2)
    few = np.concatenate([train, train[:2]]), np.concatenate([labels, ["c", "c"]])
    fit = fit_by_folds(*few, folds=5, seed=0, step=nothing)
    assert fit.head.classes == ("a", "b", "c")


def test_probabilities_are_calibrated_on_what_is_held_out() -> None:
    train, labels = clouds(60, noise=1.5)
    fit = fit_by_folds(train, labels, folds=5, seed=0, step=nothing)
    places = class_indices(fit.held_out_labels, fit.head.classes)
    own = log_loss(fit.held_out, places)
    for temperature in (0.8, 1.25):
        assert own <= log_loss(fit.held_out / temperature, places)
    assert own < np.log(3)


def test_the_loss_is_the_mean_negative_log_likelihood() -> None:
    logits = np.array([[1.0, 2.0], [0.0, 0.0]])
    expected = -np.log(softmax(logits)[[0, 1], [1, 0]]).mean()
    assert log_loss(logits, np.array([1, 0])) == pytest.approx(expected)
