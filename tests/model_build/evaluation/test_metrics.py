from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score, roc_auc_score

from model_build.evaluation.metrics import (
    Indexes,
    accuracy,
    bootstrap,
    hits_at_k,
    ndcg_at_k,
    percentile_interval,
    roc_auc,
    share_interval,
    spearman,
)
from model_build.evaluation.tasks.base import mean_of


def test_ndcg_of_a_worked_example() -> None:
    # Order by score: grades 0, 2, 1; gains 0, 3, 1.
    found = 3 / np.log2(3) + 1 / np.log2(4)
    best = 3 / np.log2(2) + 1 / np.log2(3)
    assert ndcg_at_k(np.array([0.9, 0.5, 0.1]), np.array([0.0, 2.0, 1.0])) == pytest.approx(found / best)


def test_ndcg_agrees_with_scikit_learn_where_scores_differ() -> None:
    draw = np.random.default_rng(7)
    scores, grades = draw.permutation(30) / 30, draw.integers(0, 4, size=30)
    expected = ndcg_score([2.0**grades - 1], [scores], k=10)
    assert ndcg_at_k(scores, grades) == pytest.approx(expected)


def test_ndcg_counts_the_first_ranks_alone() -> None:
    grades = np.array([0, 0, 1])
    assert ndcg_at_k(np.array([3.0, 2.0, 1.0]), grades, k=2) == 0.0
    assert ndcg_at_k(np.array([3.0, 2.0, 1.0]), grades, k=3) == pytest.approx(0.5)


@pytest.mark.parametrize("grades", [[1, 0], [0, 1]])
def test_ndcg_of_equals_is_what_a_random_order_of_them_earns(grades: list[int]) -> None:
    scores = np.array([0.5, 0.5 + 1e-9])
    assert ndcg_at_k(scores, np.array(grades)) == pytest.approx((1 + 1 / np.log2(3)) / 2)


def test_ndcg_of_equals_agrees_with_the_mean_over_orders() -> None:
    scores, grades = np.array([0.9, 0.5, 0.5, 0.5, 0.1]), np.array([1, 0, 3, 2, 3])
    orders = [
        np.where(scores == 0.5, scores + 0.01 * np.array([0, *order, 0]), scores) for order in permutations((1, 2, 3))
    ]
    mean = np.mean([ndcg_at_k(order, grades, k=3) for order in orders])
    assert ndcg_at_k(scores, grades, k=3) == pytest.approx(mean)


def test_ndcg_without_a_relevant_document_is_zero() -> None:
    assert ndcg_at_k(np.array([1.0, 2.0]), np.array([0, 0])) == 0.0


def test_hits() -> None:
    targets = np.array([0.5, 0.5, 0.5])
    negatives = np.array([[0.6, 0.4], [0.6, 0.7], [0.5, 0.4]])
    assert hits_at_k(targets, negatives, k=2).tolist() == [1.0, 0.0, 1.0]
    # The third target shares the first place with one negative.
    assert hits_at_k(targets, negatives, k=1).tolist() == [0.0, 0.0, 0.5]


def test_accuracy() -> None:
    assert accuracy(np.array(["a", "b"]), np.array(["a", "c"])) == 0.5
    assert accuracy(np.array([]), np.array([])) == 0.0


def test_spearman_looks_at_ranks() -> None:
    assert spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0])) == pytest.approx(1.0)
    assert spearman(np.array([1.0, 2.0, 3.0]), np.array([3.0, 1.0, 2.0])) == pytest.approx(-0.5)


@pytest.mark.parametrize(("left", "right"), [([1.0, 1.0], [1.0, 2.0]), ([1.0, 2.0], [3.0, 3.0]), ([1.0], [1.0])])
def test_spearman_without_variation_is_zero(left: list[float], right: list[float]) -> None:
    assert spearman(np.array(left), np.array(right)) == 0.0


def test_roc_area_agrees_with_scikit_learn() -> None:
    draw = np.random.default_rng(3)
    scores, positive = draw.integers(0, 9, size=50) / 9, draw.random(50) < 0.3
    assert roc_auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_roc_area_of_one_class_is_a_half() -> None:
    assert roc_auc(np.array([0.1, 0.2]), np.array([True, True])) == 0.5


def test_interval_holds_the_figure_and_repeats_with_its_seed() -> None:
    values = np.random.default_rng(0).normal(size=400)
    first, again, other = (percentile_interval(bootstrap(mean_of(values), 400, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert first.low < values.mean() < first.high
    # The standard error of the mean of 400 standard normals is 0.05.
    assert first.high - first.low == pytest.approx(2 * 1.96 * 0.05, rel=0.15)


def test_interval_needs_an_example() -> None:
    with pytest.raises(ValueError, match="at least one example"):
        bootstrap(lambda _: 0.0, 0, seed=0)


def test_systems_are_resampled_alike() -> None:
    drawn: list[Indexes] = []

    def note(indexes: Indexes) -> float:
        drawn.append(indexes)
        return 0.0

    for _ in range(2):
        bootstrap(note, 50, seed=4, resamples=3)
    assert np.array_equal(drawn[:3], drawn[3:])
    assert not np.array_equal(drawn[0], drawn[1])


def test_a_share_of_a_system_like_it_is_reported_closely() -> None:
    values = np.random.default_rng(0).random(400)
    reference = bootstrap(mean_of(values), 400, seed=1)
    half = share_interval(bootstrap(mean_of(values / 2), 400, seed=1), reference)
    # Both figures move together, so their share does not move at all.
    assert half is not None
    assert [half.low, half.high] == pytest.approx([0.5, 0.5])
    other = np.random.default_rng(5).random(400)
    apart = share_interval(bootstrap(mean_of(other), 400, seed=1), reference)
    assert apart is not None
    assert apart.high - apart.low > 0.05


def test_there_is_no_share_of_what_may_be_nothing() -> None:
    assert share_interval(np.array([0.5, 0.5]), np.array([0.1, 0.0])) is None
    assert share_interval(np.array([0.5, 0.5]), np.array([0.1, -0.1])) is None
