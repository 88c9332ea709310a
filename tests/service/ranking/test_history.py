import numpy as np
import pytest

from service.ranking.history import HALF_LIFE_S, LATEST, UserProfile, informative, recency, shares_of, superseded
from tests.service.ranking.columns import EAST, NORTH, candidates, event, terms


def test_purchases_and_recent_events_weigh_more() -> None:
    bought = UserProfile(candidates(), [event(EAST, "purchase"), event(NORTH, "view")])
    recent = UserProfile(candidates(), [event(EAST, order=0), event(NORTH, order=5)])
    for profile in (bought, recent):
        east, north, unknown = profile.similarity()
        assert east > north > 0
        assert np.isnan(unknown)


def test_the_peak_is_that_of_the_likest_event() -> None:
    peak = UserProfile(candidates(), [event(EAST, order=0), event(NORTH, order=5)]).peak()
    np.testing.assert_array_equal(peak, [1, 1, np.nan])


def test_recency_halves_with_a_half_life_and_falls_with_the_order() -> None:
    assert recency(event(EAST, age_s=0)) == 1
    assert recency(event(EAST, age_s=HALF_LIFE_S)) == pytest.approx(0.5)
    assert recency(event(EAST, order=2)) == pytest.approx(0.64)


def test_shares_add_up_to_one_or_are_none() -> None:
    assert shares_of([event(EAST, "purchase"), event(NORTH, "click", order=1)]).sum() == pytest.approx(1)
    assert shares_of([]).size == 0


@pytest.mark.parametrize("events", [[], [event(EAST, age_s=1e15)], [event(None)]])
def test_events_that_do_not_count_say_nothing(events: list[object]) -> None:
    profile = UserProfile(candidates(), events)  # type: ignore[arg-type]
    for signal in (profile.similarity(), profile.peak(), profile.overlap()):
        assert np.isnan(signal).all()


def test_events_beyond_the_latest_do_not_count() -> None:
    events = [event(EAST, order=order) for order in range(LATEST)] + [event(NORTH, order=LATEST)]
    np.testing.assert_array_equal(UserProfile(candidates(), events).peak(), [1, 0, np.nan])


def test_an_item_that_was_just_had_is_reported_even_where_its_text_is_unknown() -> None:
    events = [event(None, item_id="1", order=0), event(EAST, item_id="0", order=3), event(EAST, item_id="0", order=4)]
    assert UserProfile(candidates(), events).repeat().tolist() == pytest.approx([0.8**3, 1, 0])
    assert np.isnan(UserProfile(candidates(), [event(EAST)]).repeat()).all()


def test_what_was_bought_is_distinguished_from_what_was_clicked() -> None:
    events = [event(EAST, item_id="0", order=0), event(NORTH, "purchase", item_id="1", order=1)]
    assert UserProfile(candidates(), events).repeat().tolist() == pytest.approx([1, 0.8, 0])
    assert UserProfile(candidates(), events).bought().tolist() == [0, 0, 0], (
        "without ages only the latest was just bought"
    )
    bought = [
        event(NORTH, "purchase", item_id="1", order=0),
        event(EAST, "purchase", item_id="0", age_s=86_400, order=1),
    ]
    assert UserProfile(candidates(), bought).bought().tolist() == [0.5, 1, 0]
    for others in ([event(EAST, item_id="0")], [event(EAST, "purchase")]):
        assert np.isnan(UserProfile(candidates(), others).bought()).all()


def test_only_events_of_which_something_is_known_speak() -> None:
    known, placed = event(EAST), event(None, category="food")
    candidate, stranger = event(None, item_id="0"), event(None, item_id="elsewhere")
    assert informative([stranger, known, placed, candidate], candidates()) == [known, placed, candidate]
    assert informative([stranger, event(None)], candidates()) == []


def test_affinity_is_the_share_of_events_in_a_category() -> None:
    seen = candidates(categories=["food", "travel", None])
    events = [event(None, category="food", age_s=0), event(None, category="food", age_s=0), event(None, age_s=0)]
    np.testing.assert_array_equal(UserProfile(seen, events).category_affinity(), [1, 0, np.nan])
    mixed = [event(None, category="food", age_s=0), event(None, "purchase", category="travel", age_s=0)]
    np.testing.assert_allclose(UserProfile(seen, mixed).category_affinity(), [0.375, 0.625, np.nan])


def test_words_of_what_was_liked_are_looked_for() -> None:
    seen = candidates([EAST, NORTH], texts=[terms("red wine"), terms("blue glass")])
    overlap = UserProfile(seen, [event(EAST, text=terms("red wine"))]).overlap()
    assert overlap.tolist() == pytest.approx([1, 0])


def test_after_fifty_that_may_speak_of_a_kind_nobody_is_heard() -> None:
    assert superseded([True] * (LATEST + 2), ["click"] * (LATEST + 2)) == [LATEST, LATEST + 1]
    assert superseded([False] * 9 + [True] * (LATEST + 1), ["view"] * (LATEST + 10)) == [LATEST + 9]
    both = [("click", "skip")[place % 2] for place in range(2 * LATEST + 2)]
    assert superseded([True] * len(both), both) == [2 * LATEST, 2 * LATEST + 1]  # type: ignore[arg-type]
    assert superseded([], []) == []
