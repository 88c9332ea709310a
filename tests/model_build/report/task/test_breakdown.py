import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from model_build.heads.metrics import BINS, calibration_error
from model_build.report.task.breakdown import (
    class_rows,
    confusion_matrix,
    grade_bins,
    most_confused,
    reliability,
    wilson,
)


def test_classes_are_measured_as_scikit_learn_does() -> None:
    draw = np.random.default_rng(0)
    right, decided = draw.integers(0, 5, 300), draw.integers(0, 5, 300)
    names = [f"c{place}" for place in range(5)]
    rows = {row.name: row for row in class_rows(confusion_matrix(decided, right, 5), names)}
    for place, figures in enumerate(zip(*precision_recall_fscore_support(right, decided), strict=True)):
        row = rows[names[place]]
        assert (row.precision, row.recall, row.f1, row.examples) == pytest.approx(figures)
    scores = [row.f1 for row in class_rows(confusion_matrix(decided, right, 5), names)]
    assert scores == sorted(scores, key=lambda score: score or 0.0)


def test_a_class_that_is_absent_has_no_recall() -> None:
    matrix = confusion_matrix(np.array([0, 1, 2]), np.array([0, 0, 0]), 4)
    rows = {row.name: row for row in class_rows(matrix, ["a", "b", "c", "d"])}
    assert (rows["a"].precision, rows["a"].recall, rows["a"].f1) == (1.0, 1 / 3, 0.5)
    assert (rows["b"].precision, rows["b"].recall, rows["b"].f1) == (0.0, None, 0.0)
    assert (rows["d"].examples, rows["d"].precision, rows["d"].f1) == (0, None, None)
    assert [row.name for row in class_rows(matrix, ["a", "b", "c", "d"])][-1] == "d"


def test_confusions_are_the_most_frequent_first_and_at_most_20() -> None:
    matrix = confusion_matrix(np.array([1, 1, 2, 0, 0]), np.array([0, 0, 0, 0, 1]), 3)
    found = [(one.right, one.given, one.count, one.share) for one in most_confused(matrix, ["a", "b", "c"])]
    assert found == [("a", "b", 2, 0.5), ("a", "c", 1, 0.25), ("b", "a", 1, 1.0)]
    assert most_confused(np.diag([3, 4]), ["a", "b"]) == ()
    assert len(most_confused(np.ones((200, 200), dtype=np.int64), [str(place) for place in range(200)])) == 20


def test_bins_give_the_calibration_error() -> None:
    draw = np.random.default_rng(1)
    probabilities = draw.dirichlet(np.ones(3) / 2, 400)
    right = draw.integers(0, 3, 400)
    bins = reliability(probabilities.max(axis=1), probabilities.argmax(axis=1) == right, BINS)
    error = sum(one.examples * abs(one.probability - one.accuracy) for one in bins) / 400
    assert error == pytest.approx(calibration_error(probabilities, right))
    assert all(one.low <= one.accuracy <= one.high for one in bins)


def test_a_certain_decision_is_in_the_last_bin() -> None:
    (one,) = reliability(np.ones(4), np.array([True, True, True, False]), BINS)
    assert (one.examples, one.probability, one.accuracy) == (4, 1.0, 0.75)


def test_the_interval_of_a_share() -> None:
    assert wilson(0.0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)  # scipy.stats.binomtest(0, 10), method="wilson"
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_few_right_grades_get_a_bin_each() -> None:
    right = np.repeat([0.0, 0.5, 4.0], 10)
    bins = grade_bins(right + 1, right)
    assert [(one.low, one.high, one.examples, one.given) for one in bins] == [
        (0.0, 0.0, 10, 1.0),
        (0.5, 0.5, 10, 1.5),
        (4.0, 4.0, 10, 5.0),
    ]


def test_many_right_grades_are_put_into_ten_bins() -> None:
    right = np.linspace(0.0, 5.0, 101)
    bins = grade_bins(2 * right, right)
    assert len(bins) == 10
    assert sum(one.examples for one in bins) == 101
    assert all(one.low <= one.right <= one.high for one in bins)
    assert all(one.given == pytest.approx(2 * one.right) for one in bins)
    assert (bins[0].low, bins[-1].high) == (0.0, 5.0)
