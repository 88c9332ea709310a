import numpy as np
import pytest

from service.ranking.explanation import explain
from service.ranking.scorer import score

SIGNALS = {"first": np.array([0.5, 1.0, np.nan]), "second": np.array([1.0, 0.0, 0.5])}
WEIGHTS = {"first": 2.0, "second": -1.0}


def test_scores_are_weighted_sums_with_the_unknown_at_the_mean() -> None:
    assert score(SIGNALS, WEIGHTS).totals.tolist() == [0.0, 2.0, 1.0]


def test_differences_beyond_the_decimals_do_not_count() -> None:
    totals = score({"first": np.array([0.1 + 0.2, 0.3])}, {"first": 1.0}).totals
    assert totals[0] == totals[1]


def test_contributions_add_up_and_the_unknown_is_reported() -> None:
    scores = score(SIGNALS, WEIGHTS)
    explained = explain(scores, WEIGHTS, range(3))
    for parts, total in zip(explained, scores.totals, strict=True):
        assert sum(part.contribution for part in parts.values()) == pytest.approx(total, abs=1e-6)
    assert explained[2]["first"].value is None
    assert explained[0]["first"].value == 0.5
