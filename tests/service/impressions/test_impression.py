import json

from service.impressions.impression import Impression, Outcome
from service.impressions.keys import item_keys, request_key
from tests.service.impressions.impressions import impression


def test_an_impression_is_a_line_without_what_is_unknown() -> None:
    line = impression().line()
    key_of = item_keys("r-17")
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert json.loads(line) == {
        "kind": "impression",
        "at": 1_800_000_000,
        "request_id": request_key("r-17"),
        "model": "tiny@1",
        "situation": "search",
        "ranker": "fused",
        "variant": None,
        "results": [
            {"item": key_of("third"), "rank": 1, "signals": {"query_similarity": -0.3}},
            {"item": key_of("first"), "rank": 2, "signals": {"query_similarity": 0.123457, "upstream_score": 0.0}},
        ],
    }


def test_nothing_shown_is_an_impression_too() -> None:
    assert json.loads(impression(item_ids=[], places=[]).line())["results"] == []


def test_an_outcome_finds_its_impression() -> None:
    shown: Impression = impression(variant="own")
    outcome = json.loads(Outcome(1_800_000_007, "r-17", "first", "purchase").line())
    told = json.loads(shown.line())
    assert outcome == {
        "kind": "outcome",
        "at": 1_800_000_007,
        "request_id": told["request_id"],
        "item": told["results"][1]["item"],
        "action": "purchase",
    }
    assert told["variant"] == "own"


def test_no_id_stands_in_a_line() -> None:
    private = impression("private-request", item_ids=["private-item", "private-other"])
    outcome = Outcome(0, "private-request", "private-item", "click")
    assert b"private" not in private.line() + outcome.line()
