import numpy as np
import pytest

from model_build.heads.metrics import calibration_error, measure


def test_figures_by_hand() -> None:
    logits = np.log(np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.2, 0.8]]))
    found = measure(logits, np.array(["a", "a", "b", "b"]), ("a", "b"), seed=0)
    assert found.examples == 4
    assert found.accuracy == 0.75
    assert found.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)
    # Three decisions of probability 0.9, of which two are right, and one of 0.8 that is.
    assert found.calibration_error == pytest.approx((3 * (0.9 - 2 / 3) + 0.2) / 4)
    assert found.interval.low <= 0.75 <= found.interval.high


def test_what_is_sure_and_right_is_calibrated() -> None:
    assert calibration_error(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1])) == 0.0
    assert calibration_error(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1, 0])) == 1.0


def test_a_share_is_paired() -> None:
    logits = np.eye(2)[np.arange(50) % 2]
    labels = np.array(["a", "b"])[np.arange(50) % 2]
    labels[:10] = "a"
    one = measure(logits, labels, ("a", "b"), seed=0)
    share, interval = one.share_of(measure(logits, labels, ("a", "b"), seed=0))
    assert share == 1.0
    assert interval is not None
    assert (interval.low, interval.high) == (1.0, 1.0)
