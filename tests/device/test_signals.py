"""Signals of the core on requests small enough to be computed by hand."""

import ctypes
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from service.ranking.candidates import Query
from service.ranking.history import LATEST
from service.ranking.signals import SIGNALS
from service.text.terms import NO_TERMS, Compound, Terms
from tests.device.ranking import Event, Item, Ranking, Request, Scorer
from tests.device.requests import features, query, words

NAN = float("nan")
EAST, NORTH, WEST = features([1, 0]), features([0, 1]), features([-1, 0])
ITEMS = [Item("east", EAST, "x"), Item("north", NORTH), Item("unknown")]
DAY = 86_400.0


@pytest.fixture(scope="module")
def scorer(core: ctypes.CDLL) -> Scorer:
    return Scorer(core, 2)


def ranked(scorer: Scorer, items: Sequence[Item], *events: Event, asked: Query | None = None) -> Ranking:
    return scorer.rank(Request(items, events, asked))


def texts(*terms: Terms) -> list[Item]:
    return [Item(str(place), features([1, 0], terms=one)) for place, one in enumerate(terms)]


def test_nothing_is_known_of_a_text_that_is_not_there(scorer: Scorer) -> None:
    ranking = ranked(scorer, [Item("unknown")], asked=query(1, 0, terms=words([1])))
    known = [name for name in SIGNALS if not np.isnan(ranking.signal(name)).all()]
    assert known == ["upstream_position"]
    assert ranking.signal("upstream_position").tolist() == [1]


# --------------------------------------------------------------------- similarity


def test_of_a_long_text_the_first_the_best_and_the_mean_of_its_windows_count(scorer: Scorer) -> None:
    items = [Item("short", features([3, 4])), Item("long", features([0, 1], [1, 0])), Item("unknown")]
    found = ranked(scorer, items, asked=query(1, 0)).signal("query_similarity")
    assert_allclose(found, [95 / np.hypot(95, 127), (0 + 1 + np.sqrt(0.5)) / 3, NAN], atol=1e-6)


# ------------------------------------------------------------------------ lexical


def test_the_share_of_the_query_s_words_counts_and_that_in_the_title(scorer: Scorer) -> None:
    items = [*texts(words([1, 2]), words([5, 6, 7, 8, 1])), Item("unknown")]
    ranking = ranked(scorer, items, asked=query(1, 0, terms=words([1, 2])))
    rare, common = np.log1p(3 / 1), np.log1p(3 / 2)
    assert_allclose(ranking.signal("query_overlap"), [1, common / (rare + common), NAN], atol=1e-12)
    assert_allclose(ranking.signal("query_lead_overlap"), [1, 0, NAN], atol=1e-12)


def test_words_count_a_little_less_in_a_long_text(scorer: Scorer) -> None:
    ranking = ranked(scorer, texts(words(range(24)), words(range(12))), asked=query(1, 0, terms=words([1])))
    assert_allclose(ranking.signal("query_overlap"), [1 / (1 + 0.1 * np.log(2)), 1], atol=1e-12)


def test_a_compound_is_found_however_it_is_spelt(scorer: Scorer) -> None:
    t, shirt, tshirt, white = 7, 8, 9, 10
    t_shirt = Compound(tshirt, (t, shirt))
    items = texts(words([t, shirt, white, tshirt]), words([tshirt, white]), words([shirt]), words([white]))
    whole = ranked(scorer, items, asked=query(1, 0, terms=words([tshirt]))).signal("query_overlap")
    assert_allclose(whole, [1, 1, 0, 0])
    asked = query(1, 0, terms=words([t, shirt], compounds=[t_shirt]))
    hyphenated = ranked(scorer, items, asked=asked).signal("query_overlap")
    assert_allclose(hyphenated[[0, 1, 3]], [1, 1, 0])
    assert 0 < hyphenated[2] < 1


@pytest.mark.parametrize("terms", [NO_TERMS, words([1, 2], 0)])
def test_a_query_without_words_says_nothing(scorer: Scorer, terms: Terms) -> None:
    ranking = ranked(scorer, texts(words([1])), asked=query(1, 0, terms=terms))
    for name in ("query_overlap", "query_lead_overlap"):
        assert np.isnan(ranking.signal(name)).all()


def test_liked_words_count_more_where_few_candidates_have_them(scorer: Scorer) -> None:
    items = [*texts(words([1, 9]), words([2, 8]), words([2, 7]), NO_TERMS), Item("unknown")]
    liked = Event("liked", features([1, 0], terms=words([1, 2])))
    rare, common, _, none, unknown = ranked(scorer, items, liked).signal("history_overlap")
    assert rare > common > none == 0
    assert np.isnan(unknown)
    assert np.isnan(ranked(scorer, items, Event("liked", EAST)).signal("history_overlap")).all()


# ------------------------------------------------------------------------ history


def test_nothing_is_known_without_events(scorer: Scorer) -> None:
    ranking = ranked(scorer, ITEMS)
    for name in ("history_similarity", "history_peak", "history_overlap", "repeat", "category_affinity"):
        assert np.isnan(ranking.signal(name)).all(), name


def test_events_count_by_what_was_done_and_how_lately_the_peak_by_itself(scorer: Scorer) -> None:
    ranking = ranked(scorer, ITEMS, Event(features=EAST, action="purchase"), Event(features=NORTH, action="view"))
    purchase = 1 / (1 + 0.3 * 0.8)
    assert_allclose(ranking.signal("history_similarity"), [purchase, 1 - purchase, NAN], atol=1e-12)
    assert_array_equal(ranking.signal("history_peak"), [1, 1, NAN])


def test_an_event_s_weight_is_halved_in_a_week(scorer: Scorer) -> None:
    ranking = ranked(scorer, ITEMS, Event(features=EAST, age_s=7 * DAY), Event(features=NORTH, age_s=0))
    assert ranking.signal("history_similarity")[0] == pytest.approx(1 / 3, abs=1e-12)


def test_events_of_no_weight_say_nothing(scorer: Scorer) -> None:
    ranking = ranked(scorer, ITEMS, Event("east", EAST, "x", age_s=1e12))
    for name in ("history_similarity", "history_peak", "history_overlap", "category_affinity"):
        assert np.isnan(ranking.signal(name)).all(), name
    assert ranking.signal("repeat").tolist() == [0, 0, 0]
    assert ranking.known_events == 1


def test_the_very_item_is_recognised_by_its_id_its_category_by_the_share_of_events(scorer: Scorer) -> None:
    ranking = ranked(scorer, ITEMS, Event("north", category="y"), Event(), Event("north", category="x"))
    assert ranking.signal("repeat").tolist() == [0, 1, 0]
    assert_allclose(ranking.signal("category_affinity"), [0.64 / 1.64, NAN, NAN], atol=1e-12)


def test_what_was_bought_is_distinguished_from_what_was_clicked(scorer: Scorer) -> None:
    # Without ages, only the latest was just bought.
    ranking = ranked(scorer, ITEMS, Event("east"), Event("north", action="purchase"))
    assert ranking.signal("just_bought").tolist() == [0, 0, 0]
    east = Event("east", action="purchase", age_s=DAY)
    ranking = ranked(scorer, ITEMS, Event("north", action="purchase"), east)
    assert ranking.signal("just_bought").tolist() == [0.5, 1, 0]
    assert np.isnan(ranked(scorer, ITEMS, Event("east")).signal("just_bought")).all()


def test_liked_and_skipped_events_are_kept_apart(scorer: Scorer) -> None:
    skipped = Event("north", NORTH, "x", action="skip")
    ranking = ranked(scorer, ITEMS, Event(features=EAST, action="purchase"), skipped)
    assert_array_equal(ranking.signal("history_similarity"), [1, 0, NAN])
    assert_array_equal(ranking.signal("skip_similarity"), [0, 1, NAN])
    ranking = ranked(scorer, ITEMS, skipped)
    for name in ("repeat", "category_affinity", "history_peak"):
        assert np.isnan(ranking.signal(name)).all(), name


def test_events_are_informative_if_anything_is_known_of_their_items_or_they_are_candidates(scorer: Scorer) -> None:
    events = [Event(features=EAST), Event(category="x"), Event("unknown"), Event("nobody"), Event(), Event(category="")]
    assert ranked(scorer, ITEMS, *events).known_events == 3


def test_the_fifty_latest_events_of_a_kind_count(scorer: Scorer) -> None:
    others, old = [Event("other", category="z")] * LATEST, Event("east", NORTH, age_s=0)
    assert ranked(scorer, ITEMS, *others, old).signal("repeat").tolist() == [0, 0, 0]
    assert np.isnan(ranked(scorer, ITEMS, *others, old).signal("history_peak")).all()
    assert ranked(scorer, ITEMS, *others[1:], old).signal("repeat").tolist() == [1, 0, 0]
    # Neither skipped ones nor strangers take their place.
    mixed = [*others[1:], *[Event("east", action="skip")] * LATEST, *[Event("nobody")] * LATEST, old]
    ranking = ranked(scorer, ITEMS, *mixed)
    assert ranking.signal("repeat").tolist() == [1, 0, 0]
    assert ranking.known_events == 2 * LATEST


# ----------------------------------------------------------------------- upstream


def test_scores_are_scaled_to_the_request(scorer: Scorer) -> None:
    cases: list[tuple[list[float | None], list[float]]] = [
        ([2, None, 4, 3], [0, NAN, 1, 0.5]),
        ([7, None, 7], [0.5, NAN, 0.5]),
        ([None], [NAN]),
        ([-1e308, 1e308], [0, 1]),
    ]
    for scores, wanted in cases:
        items = [Item(str(place), score=one) for place, one in enumerate(scores)]
        assert_array_equal(ranked(scorer, items).signal("upstream_score"), wanted)


def test_places_fall_ever_more_slowly(scorer: Scorer) -> None:
    assert_allclose(ranked(scorer, ITEMS).signal("upstream_position"), [1, 1 / np.log2(3), 0.5], rtol=1e-15)


def test_popularity_is_relative_to_the_greatest(scorer: Scorer) -> None:
    def popularity(*counts: float | None) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return ranked(scorer, [Item(str(at), popularity=one) for at, one in enumerate(counts)]).signal("popularity")

    assert_allclose(popularity(0, None, 99, 9), [0, NAN, 1, np.log1p(9) / np.log1p(99)], rtol=1e-15)
    assert_array_equal(popularity(0, None), [0, NAN])


def test_freshness_halves_in_thirty_days(scorer: Scorer) -> None:
    items = [Item("new", age_s=0), Item("old", age_s=30 * DAY), Item("unknown")]
    assert_array_equal(ranked(scorer, items).signal("freshness"), [1, 0.5, NAN])


def test_how_far_a_text_repeats_itself_is_a_share(scorer: Scorer) -> None:
    items = [*texts(words([1], repetition=51)), Item("unknown")]
    assert_array_equal(ranked(scorer, items).signal("repetition"), [0.2, NAN])


# --------------------------------------------------------------------- unreadable


def test_what_can_not_be_read_is_as_far_as_the_farthest_and_at_most_0(scorer: Scorer) -> None:
    items = [
        Item("near", features([1, 0], terms=words([1]))),
        Item("far", WEST),
        Item("unreadable", unreadable=True),
        Item("missing"),
    ]
    ranking = ranked(scorer, items, Event("near", NORTH), asked=query(1, 0, terms=words([1])))
    assert_array_equal(ranking.signal("query_similarity"), [1, -1, -1, NAN])
    assert_array_equal(ranking.signal("query_overlap"), [1, 0, 0, NAN])
    assert_array_equal(ranking.signal("history_similarity"), [0, 0, 0, NAN])
    assert_array_equal(ranking.signal("repeat"), [1, 0, 0, 0])
    assert np.isnan(ranking.signal("repetition")[2])
    above = ranked(scorer, [items[0], items[2]], asked=query(1, 0)).signal("query_similarity")
    assert above.tolist() == [1, 0]


def test_of_what_nobody_can_read_nothing_is_known(scorer: Scorer) -> None:
    ranking = ranked(scorer, [Item("unreadable", unreadable=True), Item("missing")], asked=query(1, 0))
    assert np.isnan(ranking.signal("query_similarity")).all()


# ------------------------------------------------------------------------- scores


def test_what_is_not_known_counts_as_the_mean_of_what_is(scorer: Scorer) -> None:
    items = [Item("far", features([1, 2])), Item("near", features([2, 1])), Item("unknown"), Item("north", NORTH)]
    ranking = ranked(scorer, items, asked=query(1, 0))
    contributions = ranking.contributions[SIGNALS.index("query_similarity")]
    assert contributions[2] == pytest.approx(contributions[[0, 1, 3]].mean(), abs=1e-12)
    assert ranking.order == [1, 0, 2, 3]


def test_scores_are_rounded_and_no_zero_is_negative(scorer: Scorer) -> None:
    items = [Item("a", features([3, 4])), Item("b", features([0, 1]))]
    ranking = ranked(scorer, items, Event("c", features([0, 1]), action="skip"), asked=query(1, 0))
    assert_array_equal(ranking.scores, np.round(ranking.scores, 6))
    assert not np.signbit(ranking.contributions[ranking.contributions == 0]).any()
