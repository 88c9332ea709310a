import numpy as np
import pytest
from scipy.optimize import check_grad

from model_build.ranking.loss import ListwiseLoss
from service.ranking.signals import SIGNALS
from tests.model_build.ranking.benchmark import judged

LISTS = [
    judged([1.0, 0.0, 3.0], query_overlap=[0.2, 0.4, 0.9], popularity=[1.0, 0.3, 0.1]),
    judged([0.0, 1.0], source="other", query_overlap=[0.1, 0.7], popularity=[float("nan"), 0.3]),
]


def test_without_weights_the_loss_is_that_of_an_even_guess() -> None:
    loss, _ = ListwiseLoss(LISTS)(np.zeros(len(SIGNALS)))
    assert loss == pytest.approx((np.log(3) + np.log(2)) / 2)


def test_the_loss_is_the_cross_entropy_of_shares_and_softmax() -> None:
    weights = np.zeros(len(SIGNALS))
    weights[SIGNALS.index("query_overlap")] = 2.0
    loss, _ = ListwiseLoss(LISTS[:1])(weights)
    powers = np.exp(2 * np.array([0.2, 0.4, 0.9]))
    assert loss == pytest.approx(-(np.array([0.25, 0.0, 0.75]) @ np.log(powers / powers.sum())))


def test_the_gradient_is_that_of_the_loss() -> None:
    loss = ListwiseLoss(LISTS)
    at = np.linspace(-1, 1, len(SIGNALS))
    assert check_grad(lambda one: loss(one)[0], lambda one: loss(one)[1], at) < 1e-5


def test_great_scores_do_not_overflow() -> None:
    loss, gradient = ListwiseLoss(LISTS)(np.full(len(SIGNALS), 1e4))
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()
