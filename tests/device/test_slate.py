"""Orders of the core: pins, diversity, quotas."""

import ctypes
from collections.abc import Sequence

import pytest

from service.feature_store.features import Features
from service.ranking.slate import SlateOptions
from tests.device.ranking import Item, Request, Scorer
from tests.device.requests import features

EAST, NORTH = features([1, 0]), features([0, 1])


@pytest.fixture(scope="module")
def scorer(core: ctypes.CDLL) -> Scorer:
    return Scorer(core, 2)


def arranged(
    scorer: Scorer,
    scores: Sequence[float],
    known: Sequence[Features | None] | None = None,
    categories: Sequence[str | None] | None = None,
    *,
    pinned: Sequence[int] = (),
    top_n: int | None = None,
    diversity: float = 0.0,
    max_per_category: int | None = None,
) -> list[int]:
    """The order by the backend's scores, which are 0 to 1; the position adds at most 0.001."""
    count = len(scores)
    facts = zip(scores, known or [None] * count, categories or [None] * count, strict=True)
    items = [Item(str(at), one, category, score) for at, (score, one, category) in enumerate(facts)]
    options = SlateOptions(pinned, top_n, diversity, max_per_category)
    return scorer.rank(Request(items, ranker="upstream", options=options)).order


SCORES, CATEGORIES = [0.5, 0.9, 0.5, 0.7], ["x", "x", "y", None]


def test_by_score_with_equals_in_the_order_of_the_request(scorer: Scorer) -> None:
    assert arranged(scorer, SCORES) == [1, 3, 0, 2]
    assert arranged(scorer, SCORES, top_n=2) == [1, 3]
    assert arranged(scorer, SCORES, top_n=9) == [1, 3, 0, 2]
    assert arranged(scorer, [], diversity=0.5) == []


def test_pins_come_first_and_count_as_results(scorer: Scorer) -> None:
    assert arranged(scorer, SCORES, pinned=[2, 0]) == [2, 0, 1, 3]
    assert arranged(scorer, SCORES, pinned=[2, 0], top_n=1) == [2]
    assert arranged(scorer, SCORES, pinned=[3, 2, 1, 0], diversity=0.5) == [3, 2, 1, 0]


@pytest.mark.parametrize("diversity", [0, 0.001])
def test_a_full_category_is_left_out_pins_stay(scorer: Scorer, diversity: float) -> None:
    one = {"max_per_category": 1, "diversity": diversity}
    assert arranged(scorer, SCORES, None, CATEGORIES, **one) == [1, 3, 2]  # type: ignore[arg-type]
    assert arranged(scorer, SCORES, None, CATEGORIES, pinned=[0, 1], **one) == [0, 1, 3, 2]  # type: ignore[arg-type]
    assert arranged(scorer, SCORES, None, CATEGORIES, max_per_category=2, top_n=3) == [1, 3, 0]


def test_diversity_passes_over_what_resembles_what_came_before(scorer: Scorer) -> None:
    alike, scores = [EAST, features([1, 0.01]), NORTH], [1, 0.99, 0.5]
    assert arranged(scorer, scores, alike) == [0, 1, 2]
    assert arranged(scorer, scores, alike, diversity=0.5) == [0, 2, 1]
    assert arranged(scorer, scores, alike, diversity=0.5, top_n=2) == [0, 2]
    assert arranged(scorer, scores, alike, diversity=1, pinned=[1]) == [1, 2, 0]


def test_what_is_opposite_is_no_nearer_to_novelty_than_what_has_nothing_in_common(scorer: Scorer) -> None:
    assert arranged(scorer, [1, 0.6, 0.5], [EAST, NORTH, features([-1, 0])], diversity=0.9) == [0, 1, 2]


def test_where_a_vector_is_missing_categories_say_what_is_alike(scorer: Scorer) -> None:
    scores, categories = [1, 0.9, 0.8], ["x", "x", "y"]
    assert arranged(scorer, scores, None, categories, diversity=0.9) == [0, 2, 1]
    assert arranged(scorer, scores, [EAST, None, None], categories, diversity=0.9) == [0, 2, 1]
    assert arranged(scorer, scores, None, [None, None, "y"], diversity=0.9) == [0, 1, 2]


def test_equal_scores_leave_novelty_and_the_order_of_the_request(scorer: Scorer) -> None:
    assert arranged(scorer, [1, 1, 1], [EAST, EAST, NORTH], diversity=0.3) == [0, 2, 1]
