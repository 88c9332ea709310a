import numpy as np
import pytest

from service.ranking.signals import (
    HALF_LIFE_S,
    Action,
    Candidates,
    Event,
    compute_signals,
    neutralized,
    recency,
    taste_of,
    upstream_position,
    upstream_score,
)
from service.ranking.weights import SIGNALS

EAST, NORTH = np.array([1, 0], dtype=np.float32), np.array([0, 1], dtype=np.float32)


def candidates(scores: list[float] | None = None) -> Candidates:
    """East, north, and one that nobody knows."""
    return Candidates(
        vectors=np.stack([EAST, NORTH, np.zeros(2, dtype=np.float32)]),
        has_vector=np.array([True, True, False]),
        scores=np.array(scores or [np.nan] * 3),
    )


def event(
    vector: np.ndarray[tuple[int], np.dtype[np.float32]], action: Action, order: int = 0, age_s: float | None = None
) -> Event:
    return Event(vector, action, age_s, order)


def test_every_signal_is_computed_under_its_name() -> None:
    signals = compute_signals(candidates(), None, [])
    assert tuple(signals) == SIGNALS
    for name in SIGNALS[:-1]:
        assert np.isnan(signals[name]).all()


def test_similarity_to_the_query_is_unknown_without_a_vector() -> None:
    signal = compute_signals(candidates(), EAST, [])["query_similarity"]
    np.testing.assert_array_equal(signal, [1, 0, np.nan])


def test_liked_and_skipped_events_are_kept_apart() -> None:
    signals = compute_signals(candidates(), None, [event(EAST, "purchase"), event(NORTH, "skip")])
    np.testing.assert_array_equal(signals["history_similarity"], [1, 0, np.nan])
    np.testing.assert_array_equal(signals["skip_similarity"], [0, 1, np.nan])


def test_purchases_and_recent_events_weigh_more() -> None:
    bought = taste_of([event(EAST, "purchase"), event(NORTH, "view")])
    recent = taste_of([event(EAST, "click", order=0), event(NORTH, "click", order=5)])
    for taste in (bought, recent):
        assert taste is not None
        assert taste[0] > taste[1] > 0


def test_recency_halves_with_a_half_life_and_falls_with_the_order() -> None:
    assert recency(event(EAST, "click", age_s=0)) == 1
    assert recency(event(EAST, "click", age_s=HALF_LIFE_S)) == pytest.approx(0.5)
    assert recency(event(EAST, "click", order=2)) == pytest.approx(0.64)


def test_events_too_old_to_matter_say_nothing() -> None:
    assert taste_of([event(EAST, "click", age_s=1e15)]) is None
    assert taste_of([]) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([1, 3, 2], [0, 1, 0.5]),
        ([5, np.nan, 6], [0, np.nan, 1]),
        ([4, 4, np.nan], [0.5, 0.5, np.nan]),
        ([np.nan, np.nan, np.nan], [np.nan, np.nan, np.nan]),
        ([-1.7e308, 0, 1.7e308], [0, 0.5, 1]),
        ([], []),
    ],
)
def test_upstream_scores_lie_between_0_and_1(given: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(upstream_score(np.array(given, dtype=np.float64)), expected)


def test_upstream_position_falls() -> None:
    positions = upstream_position(4)
    assert positions[0] == 1
    assert (np.diff(positions) < 0).all()


def test_the_unknown_is_neither_better_nor_worse_than_the_average() -> None:
    np.testing.assert_array_equal(neutralized(np.array([0.2, 0.4, np.nan])), [0.2, 0.4, pytest.approx(0.3)])
    np.testing.assert_array_equal(neutralized(np.array([np.nan, np.nan])), [0, 0])
    assert neutralized(np.array([])).size == 0
