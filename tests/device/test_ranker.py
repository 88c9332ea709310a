"""Rankings of the core are those of the service."""

import ctypes

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose, assert_array_equal

from service.ranking.candidates import Candidates
from service.ranking.category_quota import CategoryQuota
from service.ranking.diversification import pairwise_similarities
from service.ranking.signals import SIGNALS
from service.ranking.slate import SlateOptions, build_slate
from service.ranking.weights import LARGEST_WEIGHT, RANKERS, SURFACES, SignalWeights, default_weights
from service.text.terms import Compound
from tests.device.ranking import Event, Item, Ranking, Request, Scorer, assembled, expected
from tests.device.requests import Draw, features, query, requests, words

# Cosines are sums of some hundred float32 products, which each library adds up in an order of its own.
OF_COSINES = 1e-6
# The profile of liked words is float32 too, in the same order: only what is added may differ, in its last bit.
OF_PROFILES = 1e-7
OF_OTHERS = 1e-12
_TOLERANCES = dict.fromkeys(SIGNALS, OF_OTHERS) | {
    "query_similarity": OF_COSINES,
    "history_similarity": OF_COSINES,
    "history_peak": OF_COSINES,
    "skip_similarity": OF_COSINES,
    "history_overlap": OF_PROFILES,
}
# A score may be rounded to the neighbour of the service's.
OF_SCORES = 1.5e-6


def agree(got: Ranking, request: Request, dimension: int, weights: SignalWeights | None = None) -> None:
    """Compare an answer of the core with the service's."""
    wanted = expected(request, dimension, weights)
    for place, name in enumerate(SIGNALS):
        tolerance = _TOLERANCES[name]
        assert_allclose(got.signals[place], wanted.signals[place], rtol=0, atol=tolerance, err_msg=name)
        most = tolerance * max(1.0, abs(wanted.weights[place]))
        assert_allclose(got.contributions[place], wanted.contributions[place], rtol=1e-12, atol=most, err_msg=name)
    assert_array_equal(got.weights, wanted.weights)
    assert got.known_events == wanted.known_events
    scale = max(1.0, *np.abs(wanted.weights))
    assert_allclose(got.scores, wanted.scores, rtol=1e-12, atol=OF_SCORES * scale)
    assert_allclose(got.scores, got.contributions.sum(axis=0), rtol=1e-12, atol=0.51e-6)
    if got.order != wanted.order:
        follow(got, assembled(request, dimension), request.options)


def follow(got: Ranking, seen: Candidates, options: SlateOptions) -> None:
    """Check an order that differs from the service's: that only what is as good changed places."""
    if options.diversity == 0:
        assert got.order == build_slate(got.scores, seen, options)
        return
    wanted = len(seen) if options.top_n is None else min(options.top_n, len(seen))
    pinned = list(options.pinned[:wanted])
    assert got.order[: len(pinned)] == pinned
    quota = CategoryQuota(seen.categories, options.max_per_category)
    similarities, span = pairwise_similarities(seen), np.ptp(got.scores)
    relevances = (1 - options.diversity) * (got.scores - got.scores.min()) / (span or 1)
    for length, one in enumerate(got.order):
        placed = got.order[:length]
        if length >= len(pinned):
            closest = similarities[placed].max(axis=0, initial=0.0)
            gains = relevances - options.diversity * closest
            open_ones = [at for at in range(len(seen)) if at not in placed and quota.admits(at)]
            assert gains[one] >= gains[open_ones].max() - 2e-6
            assert one in open_ones
        quota.take(one)
    assert len(got.order) == wanted or not [at for at in range(len(seen)) if at not in got.order and quota.admits(at)]


@pytest.fixture(scope="module", params=[2, 17])
def small(core: ctypes.CDLL, request: pytest.FixtureRequest) -> tuple[Scorer, int]:
    return Scorer(core, request.param), request.param


@pytest.fixture(scope="module")
def scorer(core: ctypes.CDLL) -> Scorer:
    return Scorer(core, 288)


@pytest.mark.parametrize("dimension", [2, 17])
def test_drawn_requests(core: ctypes.CDLL, dimension: int) -> None:
    scorer = Scorer(core, dimension)

    @settings(max_examples=150, deadline=None)
    @given(requests(dimension))
    def check(request: Request) -> None:
        agree(scorer.rank(request), request, dimension)

    check()


@pytest.mark.parametrize("windows", [1, 4])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"diversity": 0.3},
        {"diversity": 1.0, "max_per_category": 3},
        {"pinned": [5, 0, 2], "top_n": 10},
        {"pinned": [5, 0, 2], "top_n": 2, "diversity": 0.3},
        {"max_per_category": 1},
        {"diversity": 0.01, "max_per_category": 2, "pinned": [4, 5, 6, 7, 8]},
    ],
)
def test_random_requests(scorer: Scorer, windows: int, options: dict[str, object]) -> None:
    draw = Draw(len(options) + windows, 288, windows)
    for events, has_query in [(0, True), (30, True), (30, False), (200, False), (0, False)]:
        request = draw.request(60, events, has_query=has_query, **options)
        agree(scorer.rank(request), request, 288)


@pytest.mark.parametrize("ranker", RANKERS)
def test_rankers(scorer: Scorer, ranker: str) -> None:
    request = Draw(7, 288).request(40, 20)
    request = Request(request.candidates, request.events, request.query, ranker=ranker)  # type: ignore[arg-type]
    agree(scorer.rank(request), request, 288)


@pytest.mark.parametrize("dimension", [1, 2, 15, 16, 33, 100, 384])
def test_dimensions(core: ctypes.CDLL, dimension: int) -> None:
    request = Draw(dimension, dimension, 3).request(30, 20, diversity=0.2)
    agree(Scorer(core, dimension).rank(request), request, dimension)


@pytest.mark.parametrize("diversity", [0.0, 0.3])
def test_the_largest_request(scorer: Scorer, diversity: float) -> None:
    request = Draw(3, 288, 8).request(1000, 500, diversity=diversity)
    agree(scorer.rank(request), request, 288)


def test_rankings_do_not_depend_on_those_before(core: ctypes.CDLL, scorer: Scorer) -> None:
    requests = [
        Draw(seed, 288, 3).request(20 + 5 * seed, 20 * (seed % 3), has_query=seed % 2 == 0) for seed in range(8)
    ]
    for request in [*requests, *reversed(requests)]:
        fresh, used = Scorer(core, 288).rank(request), scorer.rank(request)
        assert used.order == fresh.order
        assert_array_equal(used.signals, fresh.signals)
        assert_array_equal(used.scores, fresh.scores)


def test_weights_at_their_limit(core: ctypes.CDLL) -> None:
    rows = {one: {name: (-1) ** place * LARGEST_WEIGHT for place, name in enumerate(SIGNALS)} for one in SURFACES}
    weights = SignalWeights(rows, default_weights().learned_from)
    request = Draw(9, 288, 2).request(40, 20, diversity=0.5)
    agree(Scorer(core, 288, weights=rows).rank(request), request, 288, weights)


def test_each_situation_has_its_weights(core: ctypes.CDLL) -> None:
    rows = {one: dict.fromkeys(SIGNALS, number) for number, one in enumerate(SURFACES, start=1)}
    scorer = Scorer(core, 2, weights=rows)
    known, asked = [Event("b", category="x")], query(1, 0)
    for number, request in [
        (1, Request([Item("a")], query=asked)),
        (1, Request([Item("a")], [Event("b")], asked)),  # nothing is known of that event's item
        (1, Request([Item("a")], is_search=True)),
        (2, Request([Item("a")], known)),
        (2, Request([Item("a")])),
        (3, Request([Item("a")], known, asked)),
        (3, Request([Item("a")], known, is_search=True)),
    ]:
        assert_array_equal(scorer.rank(request).weights, np.full(len(SIGNALS), number))


# ------------------------------------------------------------------------ extremes


@pytest.mark.parametrize(
    "scores",
    [[-1e308, 0, 1e308], [7, 7, 7], [1e308, 1e308, 1e308], [5e-324, 0, 1e-323], [None, 1, None], [None, None, None]],
)
def test_backend_scores(core: ctypes.CDLL, scores: list[float | None]) -> None:
    request = Request([Item(str(at), score=one) for at, one in enumerate(scores)])
    agree(Scorer(core, 2).rank(request), request, 2)


@pytest.mark.parametrize("value", [0.0, 1e-300, 1.0, 1e300])
def test_numbers_of_candidates(core: ctypes.CDLL, value: float) -> None:
    items = [Item("a", popularity=value, age_s=value), Item("b"), Item("c", popularity=value / 3, age_s=2 * value)]
    agree(Scorer(core, 2).rank(Request(items)), Request(items), 2)


def test_equals_keep_their_order(scorer: Scorer) -> None:
    same = features(*Draw(1, 288).request(1, 0).query.vector.reshape(1, -1).tolist())  # type: ignore[union-attr]
    request = Request([Item(str(at), same) for at in range(100)], query=Draw(2, 288).query(), ranker="dense")
    for diversity in (0.0, 0.3, 1.0):
        one = Request(
            request.candidates, query=request.query, ranker="dense", options=SlateOptions(diversity=diversity)
        )
        assert scorer.rank(one).order == list(range(100))
    assert scorer.rank(Request([Item(str(at)) for at in range(100)], ranker="dense")).order == list(range(100))


def test_no_candidates(scorer: Scorer) -> None:
    request = Draw(4, 288).request(0, 9, diversity=0.5)
    got = scorer.rank(request)
    assert got.order == []
    assert got.known_events == expected(request, 288).known_events > 0


def test_repeated_ids_are_the_same_item(core: ctypes.CDLL) -> None:
    request = Request([Item("a"), Item("b"), Item("a")], [Event("a", action="purchase")])
    got = Scorer(core, 2).rank(request)
    assert got.signal("repeat").tolist() == got.signal("just_bought").tolist() == [1, 0, 1]
    assert sorted(got.order) == [0, 1, 2]


def test_what_has_no_id_is_never_the_same_item(core: ctypes.CDLL) -> None:
    got = Scorer(core, 2).rank(Request([Item(None), Item("")], [Event(None, category="x"), Event("", action="view")]))
    assert got.signal("repeat").tolist() == [0, 0.8]
    assert got.known_events == 2


def test_texts_and_queries_of_most_words(core: ctypes.CDLL) -> None:
    many = [words(range(start, start + 255), 1 + start % 254) for start in (0, 100, 200, 65_281)]
    parts = tuple(range(33))
    compounds = [Compound(1000 + at, parts) for at in range(8)]
    asked = query(1, 0, terms=words(range(247), 7, compounds=compounds))
    items = [Item(str(at), features([1, at], terms=one)) for at, one in enumerate(many)]
    items.append(Item("wholes", features([1, 1], terms=words([1007, 1000, 3]))))
    request = Request(items, [Event("x", one.features) for one in items], asked)
    agree(Scorer(core, 2).rank(request), request, 2)


def test_a_hash_that_a_text_has_more_often_than_there_are_candidates(core: ctypes.CDLL) -> None:
    items = [Item("a", features([1, 0], terms=words([5] * 200))), Item("b", features([0, 1], terms=words([5, 6])))]
    request = Request(items, [Event("x", items[1].features)], query(1, 1, terms=words([5, 6])))
    agree(Scorer(core, 2).rank(request), request, 2)


def test_windows_whose_mean_is_zero_are_of_the_direction_of_the_first(core: ctypes.CDLL) -> None:
    opposite = features([1, 2], [-1, -2])
    request = Request([Item("a", opposite), Item("b", features([2, 1]))], [Event("x", opposite)], query(3, 1))
    agree(Scorer(core, 2).rank(request), request, 2)
