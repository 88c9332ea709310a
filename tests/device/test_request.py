"""Requests and memory that the core refuses."""

import ctypes
import math
from dataclasses import replace
from typing import Any

import pytest

from service.ranking.slate import SlateOptions
from tests.device.ranking import ARGUMENT, OUT_OF_MEMORY, Event, Item, RankingError, Request, RequestStruct, Scorer
from tests.device.requests import Draw, features

ITEMS = [Item("a"), Item("b"), Item("c")]
LONG = features([1, 0], [0, 1], [1, 1])


@pytest.fixture(scope="module")
def scorer(core: ctypes.CDLL) -> Scorer:
    return Scorer(core, 2, most_candidates=3, most_events=2, most_windows=2)


def refusal(scorer: Scorer, request: Request, **changes: Any) -> str:
    """The message of a refusal, after which the scorer works as before."""
    with pytest.raises(RankingError) as refused:
        scorer.rank(request, **changes)
    assert refused.value.status == ARGUMENT
    assert scorer.rank(Request(ITEMS)).order == [0, 1, 2]
    return str(refused.value)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request([*ITEMS, Item("d")]), "at most 3 candidates; there are 4"),
        (Request(ITEMS, [Event("a")] * 3), "at most 2 events; there are 3"),
        (Request([*ITEMS[:2], Item("c", LONG)]), "candidates[2].features must have 1 to 2 windows; they have 3"),
        (Request(ITEMS, [Event("a", LONG)]), "events[0].features must have 1 to 2 windows; they have 3"),
        (Request(ITEMS, options=SlateOptions([0, 3])), "pinned[1] is 3, but there are 3 candidates"),
        (Request(ITEMS, options=SlateOptions([2, 1, 2])), "pinned[2] repeats candidate 2"),
        (Request(ITEMS, options=SlateOptions([0, 1, 2, 0])), "at most 3 pinned; there are 4"),
        (Request(ITEMS, options=SlateOptions(diversity=-0.1)), "diversity must be 0 to 1"),
        (Request(ITEMS, options=SlateOptions(diversity=1.01)), "diversity must be 0 to 1"),
        (Request(ITEMS, options=SlateOptions(diversity=math.nan)), "diversity must be 0 to 1"),
        (Request([Item("a", score=math.inf)]), "candidates[0].score must be finite"),
        (Request([Item("a", score=-math.inf)]), "candidates[0].score must be finite"),
        (Request([Item("a", popularity=math.inf)]), "candidates[0].popularity must be finite"),
        (Request([Item("a", popularity=-1)]), "candidates[0].popularity must not be negative"),
        (Request([Item("a"), Item("b", age_s=-1)]), "candidates[1].age_s must not be negative"),
        (Request([Item("a", age_s=math.inf)]), "candidates[0].age_s must be finite"),
        (Request(ITEMS, [Event("a", age_s=-1e-9)]), "events[0].age_s must not be negative"),
        (Request(ITEMS, [Event("a", age_s=math.inf)]), "events[0].age_s must be finite"),
    ],
)
def test_what_can_not_be_is_refused(scorer: Scorer, request_: Request, message: str) -> None:
    assert refusal(scorer, request_) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ranker": 4}, "ranker must be 0 to 3"),
        ({"ranker": -1}, "ranker must be 0 to 3"),
        ({"candidates": None}, "candidates must not be NULL"),
        ({"events": None}, "events must not be NULL"),
        ({"pinned": None}, "pinned must not be NULL"),
        ({"candidate_count": 2**32 - 1}, "at most 3 candidates; there are 4294967295"),
    ],
)
def test_what_no_request_of_the_service_can_be_is_refused(
    scorer: Scorer, changes: dict[str, Any], message: str
) -> None:
    request = Request(ITEMS, [Event("a")], options=SlateOptions([0]))
    assert refusal(scorer, request, **changes) == message


@pytest.mark.parametrize("action", [4, -1])
def test_an_action_that_is_none_is_refused(scorer: Scorer, action: int) -> None:
    def spoil(struct: RequestStruct) -> None:
        struct.events[1].action = action

    with pytest.raises(RankingError, match=r"events\[1\]\.action must be 0 to 3"):
        scorer.rank(Request(ITEMS, [Event("a"), Event("b")]), spoil)


def test_features_without_windows_are_refused(scorer: Scorer) -> None:
    empty = replace(LONG, windows=0, codes=b"")
    assert "must have 1 to 2 windows; they have 0" in refusal(scorer, Request([Item("a", empty)]))


def test_zeros_have_no_direction(scorer: Scorer) -> None:
    zeros = replace(LONG, windows=1, codes=bytes(2))
    lopsided = replace(LONG, windows=2, codes=bytes([0, 0, 127, 0]))
    request = Request([Item("a", zeros), Item("b", lopsided)], [Event("a", zeros), Event("c", lopsided)])
    assert scorer.rank(replace(request, options=SlateOptions(diversity=0.5))).order == [1, 0]


def test_memory_is_taken_while_loading_alone(core: ctypes.CDLL) -> None:
    scorer = Scorer(core, 288)
    pieces, taken = len(scorer.pieces), scorer.arena.taken
    assert taken < 1_000_000
    scorer.rank(Draw(1, 288, 8).request(100, 100, diversity=0.3))
    assert len(scorer.pieces) == pieces
    core.er_give_back(ctypes.byref(scorer.arena))
    assert not scorer.pieces


def test_without_memory_nothing_is_loaded(core: ctypes.CDLL) -> None:
    pieces = len(Scorer(core, 2).pieces)
    for most in range(pieces):
        with pytest.raises(RankingError, match=r"there are no [0-9]+ bytes of memory") as refused:
            Scorer(core, 2, most_pieces=most)
        assert refused.value.status == OUT_OF_MEMORY
    assert Scorer(core, 2, most_pieces=pieces).rank(Request(ITEMS)).order == [0, 1, 2]


def test_bounds_of_one(core: ctypes.CDLL) -> None:
    scorer = Scorer(core, 1, most_candidates=1, most_events=1, most_windows=1)
    request = Request([Item("a", features([1]), "x")], [Event("a", features([-1]), "x")])
    assert scorer.rank(request).signal("history_similarity").tolist() == [-1]
