import numpy as np

from service.ranking.arrangement import arrange, similarities_of
from service.ranking.signals import Candidates

EAST, NORTH, NONE = [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]


def similarities(
    *rows: list[float], categories: list[str | None] | None = None
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    vectors = np.array(rows, dtype=np.float32).reshape(-1, 2)
    seen = Candidates(vectors, np.abs(vectors).sum(axis=1) > 0, np.full(len(rows), np.nan))
    return similarities_of(seen, categories or [None] * len(rows))


def test_by_score_with_equals_in_upstream_order() -> None:
    assert arrange(np.array([1.0, 2.0, 1.0, 2.0]), None) == [1, 3, 0, 2]


def test_pins_come_first_in_their_own_order() -> None:
    totals = np.array([1.0, 2.0, 3.0])
    assert arrange(totals, None, pinned=[0, 1]) == [0, 1, 2]
    assert arrange(totals, None, pinned=[0, 1], top_n=1) == [0]


def test_top_n_may_be_more_than_there_are() -> None:
    assert arrange(np.array([1.0, 2.0]), None, top_n=9) == [1, 0]
    assert arrange(np.array([]), similarities(), diversity=0.5) == []


def test_diversity_prefers_what_is_new() -> None:
    totals, alike = np.array([1.0, 0.9, 0.5]), similarities(EAST, EAST, NORTH)
    assert arrange(totals, alike) == [0, 1, 2]
    assert arrange(totals, alike, diversity=0.5) == [0, 2, 1]
    assert arrange(totals, alike, diversity=0.5, top_n=2) == [0, 2]


def test_pins_count_as_seen() -> None:
    totals, alike = np.array([0.0, 1.0, 0.9]), similarities(EAST, EAST, NORTH)
    assert arrange(totals, alike, pinned=[0], diversity=0.9) == [0, 2, 1]


def test_equal_scores_leave_novelty_and_upstream_order() -> None:
    assert arrange(np.ones(3), similarities(EAST, EAST, NORTH), diversity=0.3) == [0, 2, 1]


def test_categories_speak_where_vectors_are_missing() -> None:
    alike = similarities(EAST, NONE, NONE, NONE, categories=["food", "food", "travel", None])
    np.testing.assert_array_equal(alike[0], [1, 1, 0, 0])
    np.testing.assert_array_equal(alike[3], [0, 0, 0, 0])
