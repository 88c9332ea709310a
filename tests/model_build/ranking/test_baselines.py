import numpy as np
import pytest

from model_build.evaluation.tasks.behaviour import Step
from model_build.ranking.baselines import tfidf_scores

TEXTS = ["red cup", "red cup", "blue mug", "red hat"]


def test_later_items_of_a_history_count_more() -> None:
    step = Step("u", np.array([2, 0]), 1, np.array([3]), np.array([2, 3]))
    ((target, mug, hat),) = tfidf_scores(TEXTS, [step]).tolist()
    assert target == pytest.approx(1.0)
    assert mug == pytest.approx(0.8)
    assert 0 < hat < mug
