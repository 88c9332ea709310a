import numpy as np
import pytest

from model_build.heads.metrics import calibration_error, figures_of


def test_figures_by_hand() -> None:
    logits = np.log(np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.2, 0.8]]))
    figures = figures_of(logits, np.array(["a", "a", "b", "b"]), ("a", "b"), seed=0)
    assert figures.examples == 4
    assert figures.accuracy == 0.75
    assert figures.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)
    # Three decisions of probability 0.9, of which two are right, and one of 0.8 that is.
    assert figures.calibration_error == pytest.approx((3 * (0.9 - 2 / 3) + 0.2) / 4)
    assert figures.interval.low <= 0.75 <= figures.interval.high


def test_what_is_sure_and_right_is_calibrated() -> None:
    assert calibration_error(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1])) == 0.0
    assert calibration_error(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1, 0])) == 1.0


def test_a_share_is_paired() -> None:
    logits = np.eye(2)[np.arange(50) % 2]
    labels = np.array(["a", "b"])[np.arange(50) % 2]
    labels[:10] = "a"
    one = figures_of(logits, labels, ("a", "b"), seed=0)
    share, interval = one.share_of(figures_of(logits, labels, ("a", "b"), seed=0))
    assert share == 1.0
    assert interval is not None
    assert (interval.low, interval.high) == (1.0, 1.0)
