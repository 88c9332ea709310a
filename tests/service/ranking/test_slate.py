import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ranking.candidates import Candidates
from service.ranking.diversification import pairwise_similarities
from service.ranking.slate import SlateOptions, build_slate
from tests.service.ranking.columns import EAST, NORTH, NOWHERE, candidates


def arranged(
    totals: list[float],
    *,
    seen: Candidates | None = None,
    pinned: tuple[int, ...] = (),
    top_n: int | None = None,
    diversity: float = 0.0,
    max_per_category: int | None = None,
) -> list[int]:
    seen = candidates([EAST] * len(totals)) if seen is None else seen
    return build_slate(np.array(totals), seen, SlateOptions(pinned, top_n, diversity, max_per_category))


TWO_EAST = candidates([EAST, EAST, NORTH])


def test_by_score_with_equals_in_upstream_order() -> None:
    assert arranged([1.0, 2.0, 1.0, 2.0]) == [1, 3, 0, 2]


def test_pins_come_first_in_their_own_order() -> None:
    assert arranged([1.0, 2.0, 3.0], pinned=(0, 1)) == [0, 1, 2]
    assert arranged([1.0, 2.0, 3.0], pinned=(0, 1), top_n=1) == [0]


def test_top_n_may_be_more_than_there_are() -> None:
    assert arranged([1.0, 2.0], top_n=9) == [1, 0]
    assert arranged([], diversity=0.5) == []


def test_diversity_prefers_what_is_new() -> None:
    totals = [1.0, 0.9, 0.5]
    assert arranged(totals, seen=TWO_EAST) == [0, 1, 2]
    assert arranged(totals, seen=TWO_EAST, diversity=0.5) == [0, 2, 1]
    assert arranged(totals, seen=TWO_EAST, diversity=0.5, top_n=2) == [0, 2]


def test_pins_count_as_seen() -> None:
    assert arranged([0.0, 1.0, 0.9], seen=TWO_EAST, pinned=(0,), diversity=0.9) == [0, 2, 1]


def test_equal_scores_leave_novelty_and_upstream_order() -> None:
    assert arranged([1.0, 1.0, 1.0], seen=TWO_EAST, diversity=0.3) == [0, 2, 1]


@pytest.mark.parametrize("diversity", [0.0, 0.01])
def test_a_full_category_is_left_out(diversity: float) -> None:
    seen = candidates([EAST, EAST, NORTH, NOWHERE, NOWHERE], categories=["a", "a", "a", "b", None])
    totals = [5.0, 4.0, 3.0, 2.0, 1.0]
    assert arranged(totals, seen=seen, max_per_category=1, diversity=diversity) == [0, 3, 4]
    assert arranged(totals, seen=seen, max_per_category=2, diversity=diversity, top_n=3) == [0, 1, 3]


@pytest.mark.parametrize("diversity", [0.0, 0.5])
def test_pins_fill_their_category_and_stay(diversity: float) -> None:
    seen = candidates([EAST, EAST, EAST, NORTH], categories=["a", "a", "a", "b"])
    totals = [1.0, 2.0, 3.0, 0.5]
    assert arranged(totals, seen=seen, pinned=(0, 1), max_per_category=1, diversity=diversity) == [0, 1, 3]


@given(
    categories=st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=12),
    most=st.integers(1, 3),
    diversity=st.sampled_from([0.0, 0.4, 1.0]),
)
def test_no_category_has_more_than_it_may(categories: list[str | None], most: int, diversity: float) -> None:
    totals = [float(place % 5) for place in range(len(categories))]
    seen = candidates([EAST, NORTH] * (len(categories) // 2) + [EAST] * (len(categories) % 2), categories=categories)
    order = arranged(totals, seen=seen, max_per_category=most, diversity=diversity)
    assert len(set(order)) == len(order)
    for category in ("a", "b"):
        expected = min(most, categories.count(category))
        assert sum(categories[one] == category for one in order) == expected
    assert sum(categories[one] is None for one in order) == categories.count(None)


@given(st.data(), st.integers(1, 14))
def test_diversity_with_full_categories_chooses_step_by_step(data: st.DataObject, count: int) -> None:
    """Beside a plain reading of the rule: of what may be placed, the best by score and novelty comes next."""
    column = st.lists(st.sampled_from([EAST, NORTH, NOWHERE]), min_size=count, max_size=count)
    named = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=count, max_size=count)
    seen = candidates(data.draw(column), categories=data.draw(named))
    totals = [round(one, 2) for one in data.draw(st.lists(st.floats(-1, 1), min_size=count, max_size=count))]
    diversity, most = data.draw(st.sampled_from([0.1, 0.5, 1.0])), data.draw(st.integers(1, 3))
    pinned = tuple(data.draw(st.permutations(range(count)))[: data.draw(st.integers(0, 2))])

    alike, span = pairwise_similarities(seen), max(totals) - min(totals)
    order = list(pinned)

    def may_come(one: int) -> bool:
        category = seen.categories[one]
        return one not in order and (category is None or [seen.categories[two] for two in order].count(category) < most)

    def worth(one: int) -> float:
        relevance = (1 - diversity) * (totals[one] - min(totals)) / span if span else 0.0
        return relevance - float(np.float32(diversity) * max([alike[two][one] for two in order], default=np.float32(0)))

    while left := [one for one in range(count) if may_come(one)]:
        order.append(max(left, key=lambda one: (worth(one), -one)))
    assert arranged(totals, seen=seen, pinned=pinned, diversity=diversity, max_per_category=most) == order
