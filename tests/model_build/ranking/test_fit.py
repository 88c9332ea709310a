import numpy as np
import pytest

from model_build.ranking.data.lists import JudgedList
from model_build.ranking.fit import NEVER_NEGATIVE, SIMILARITIES, cross_fit, readable
from service.ranking.signals import SIGNALS
from service.ranking.weights import DEFAULT_WEIGHTS
from tests.model_build.ranking.benchmark import judged

PRIOR = DEFAULT_WEIGHTS["feed"]


def lists(count: int = 80) -> list[JudgedList]:
    """The words of the history tell the target, its similarity points away from it, skips point towards it."""
    draw = np.random.default_rng(3)
    made = []
    for number in range(count):
        noise = draw.random((3, 12))
        gains = [1.0, *[0.0] * 11]
        noise[:, 0] = 0.9, 0.1, 0.9
        words, similarity, skips = noise.tolist()
        made.append(
            judged(
                gains,
                group=f"u{number // 2}",
                history_overlap=words,
                history_similarity=similarity,
                skip_similarity=skips,
            )
        )
    return made


def test_what_tells_the_target_weighs_most_and_no_sign_is_against_sense() -> None:
    fit = cross_fit(lists(), PRIOR, "HR@10", folds=4, seed=0)
    assert fit.weights["history_overlap"] == pytest.approx(1.0)
    assert fit.weights["history_similarity"] < 0.1
    assert fit.weights["skip_similarity"] <= 0.0
    assert all(fit.weights[name] >= 0 for name in NEVER_NEGATIVE)
    assert fit.held_out.shape == (80,)
    assert fit.held_out.mean() > 0.95


def test_what_the_lists_do_not_tell_keeps_its_share_of_the_weights_from_before() -> None:
    weights = cross_fit(lists(), PRIOR, "HR@10", folds=4, seed=0).weights
    assert weights["upstream_score"] > 0
    expected = PRIOR["upstream_position"] / PRIOR["upstream_score"]
    assert weights["upstream_position"] / weights["upstream_score"] == pytest.approx(expected)
    assert weights["query_similarity"] == 0.0


def test_the_same_seed_gives_the_same_weights() -> None:
    first, second = (cross_fit(lists(20), PRIOR, "HR@10", folds=2, seed=5) for _ in range(2))
    assert first.weights == second.weights


def test_the_greatest_similarity_weighs_one() -> None:
    weights = readable(np.arange(len(SIGNALS), dtype=np.float64))
    assert max(weights[name] for name in SIMILARITIES) == 1.0
    assert weights["popularity"] > 1.0


def test_without_similarities_the_greatest_weight_is_one() -> None:
    weights = readable(np.array([-2.0 if name == "repeat" else 0.0 for name in SIGNALS]))
    assert weights["repeat"] == -1.0
