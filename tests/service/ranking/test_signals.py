import numpy as np

from service.ranking.candidates import Query
from service.ranking.signals import SIGNALS, compute_signals, neutralized
from service.text.terms import NO_TERMS
from tests.service.ranking.columns import EAST, NORTH, NOWHERE, candidates, event, terms


def test_every_signal_is_computed_under_its_name() -> None:
    signals = compute_signals(candidates(), None, [])
    assert tuple(signals) == SIGNALS
    for name in set(SIGNALS) - {"upstream_position", "repetition"}:
        assert np.isnan(signals[name]).all(), name
    np.testing.assert_array_equal(signals["repetition"], [0, 0, np.nan])


def test_similarity_to_the_query_is_unknown_without_a_vector() -> None:
    signal = compute_signals(candidates(), Query(EAST), [])["query_similarity"]
    np.testing.assert_array_equal(signal, [1, 0, np.nan])


def test_words_of_the_query_are_looked_for_in_the_lead_apart() -> None:
    late = terms("red blue wine glass x1")
    seen = candidates([EAST, NORTH], texts=[late, terms("x1 red")])
    signals = compute_signals(seen, Query(EAST, terms("x1")), [])
    assert signals["query_overlap"].tolist() == [1, 1]
    assert signals["query_lead_overlap"].tolist() == [0, 1]


def test_how_far_a_text_repeats_itself_is_reported() -> None:
    seen = candidates(texts=[terms("red"), terms("red", repetition=51), NO_TERMS])
    np.testing.assert_allclose(compute_signals(seen, None, [])["repetition"], [0, 0.2, np.nan])


def test_what_was_just_bought_is_reported() -> None:
    signals = compute_signals(candidates(), None, [event(NORTH, "purchase", item_id="1", age_s=0)])
    assert signals["just_bought"].tolist() == [0, 1, 0]


def test_what_can_not_be_read_is_as_far_as_the_farthest() -> None:
    seen = candidates(
        [EAST, NORTH, -EAST, NOWHERE, NOWHERE],
        texts=[terms("red"), terms("red wine"), terms("blue"), NO_TERMS, NO_TERMS],
        unreadable=[False, False, False, True, False],
    )
    signals = compute_signals(seen, Query(EAST, terms("wine")), [event(EAST, text=terms("red"))])
    for name in ("query_similarity", "history_similarity", "history_peak"):
        np.testing.assert_array_equal(signals[name], [1, 0, -1, -1, np.nan])
    for name in ("query_overlap", "query_lead_overlap", "history_overlap"):
        assert signals[name][3] == 0, name
        assert np.isnan(signals[name][4]), name
    assert np.isnan(signals["repetition"][3])


def test_what_can_not_be_read_is_at_least_as_far_as_what_has_nothing_in_common() -> None:
    seen = candidates([EAST, NOWHERE], unreadable=[False, True])
    assert compute_signals(seen, Query(EAST), [])["query_similarity"].tolist() == [1, 0]


def test_of_what_nobody_can_read_nothing_is_known() -> None:
    seen = candidates([NOWHERE, NOWHERE], unreadable=[True, True])
    signals = compute_signals(seen, Query(EAST, terms("red")), [event(EAST, text=terms("red"))])
    for name in ("query_similarity", "query_overlap", "history_peak"):
        assert np.isnan(signals[name]).all(), name


def test_liked_and_skipped_events_are_kept_apart() -> None:
    signals = compute_signals(candidates(), None, [event(EAST, "purchase"), event(NORTH, "skip")])
    np.testing.assert_array_equal(signals["history_similarity"], [1, 0, np.nan])
    np.testing.assert_array_equal(signals["skip_similarity"], [0, 1, np.nan])


def test_a_skipped_item_is_no_repeat_and_gives_no_affinity() -> None:
    skipped = event(EAST, "skip", item_id="0", category="a")
    signals = compute_signals(candidates(categories=["a", "b", None]), None, [skipped])
    for name in ("repeat", "category_affinity", "history_peak"):
        assert np.isnan(signals[name]).all(), name


def test_the_unknown_is_neither_better_nor_worse_than_the_average() -> None:
    np.testing.assert_allclose(neutralized(np.array([0.2, 0.4, np.nan])), [0.2, 0.4, 0.3])
    np.testing.assert_array_equal(neutralized(np.array([np.nan, np.nan])), [0, 0])
    assert neutralized(np.array([])).size == 0


def test_each_signal_is_neutral_by_itself() -> None:
    both = neutralized(np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan], [1.0, 2.0, 3.0]]))
    np.testing.assert_array_equal(both, [[1, 2, 3], [0, 0, 0], [1, 2, 3]])
