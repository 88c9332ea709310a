import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.ranking.scorer import score
from service.ranking.signals import SIGNALS
from service.ranking.weights import (
    DEFAULT_WEIGHTS,
    LARGEST_WEIGHT,
    RANKERS,
    SURFACES,
    LeftOut,
    RankerError,
    Surface,
    default_weights,
    load_weights,
    ranker_json,
    surface_of,
)

SEARCH = dict(DEFAULT_WEIGHTS["search"])
LEFT_OUT: dict[str, Any] = {
    "domain": "office supplies",
    "metric": "NDCG@10",
    "lists": 600,
    "fused": 0.9,
    "best": 0.89,
    "low": 0.0,
}


def write(folder: Path, document: Any) -> Path:
    path = folder / "ranker.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def document(**changes: Any) -> dict[str, Any]:
    return {
        "schema_version": 3,
        "weights": {surface: dict(DEFAULT_WEIGHTS[surface]) for surface in SURFACES},
        "learned_from": dict.fromkeys(SURFACES, "tests"),
        **changes,
    }


def with_search(weights: dict[str, Any]) -> dict[str, Any]:
    return document(weights={**document()["weights"], "search": weights})


def test_the_default_is_one_that_loads(tmp_path: Path) -> None:
    weights = load_weights(write(tmp_path, ranker_json(default_weights())))
    assert weights.by_surface == DEFAULT_WEIGHTS
    assert all(tuple(weights.by_surface[surface]) == SIGNALS for surface in SURFACES)
    assert set(weights.learned_from.values()) == {"set by hand; model-build fit-ranker learns them"}


def test_a_signal_that_is_not_named_weighs_nothing(tmp_path: Path) -> None:
    weights = load_weights(write(tmp_path, with_search({"query_similarity": 2.0})))
    assert weights.by_surface["search"] == {**dict.fromkeys(SIGNALS, 0.0), "query_similarity": 2.0}
    assert weights.by_surface["feed"] == DEFAULT_WEIGHTS["feed"]


def test_weights_of_the_version_before_load(tmp_path: Path) -> None:
    weights = load_weights(write(tmp_path, document(schema_version=2)))
    assert weights.by_surface == DEFAULT_WEIGHTS
    assert weights.left_out == ()


def test_what_weights_are_worth_where_they_were_not_learned_is_kept(tmp_path: Path) -> None:
    weights = load_weights(write(tmp_path, document(left_out=[LEFT_OUT])))
    assert weights.left_out == (LeftOut(**LEFT_OUT),)
    assert load_weights(write(tmp_path, ranker_json(weights))) == weights


def test_weights_of_nothing_take_no_byte_of_a_device() -> None:
    written = json.loads(ranker_json(default_weights()))
    for surface in SURFACES:
        named = {name for name, weight in DEFAULT_WEIGHTS[surface].items() if weight}
        assert written["weights"][surface].keys() == named


def test_four_digits_of_a_weight_are_kept(tmp_path: Path) -> None:
    weights = default_weights()
    exact = {**DEFAULT_WEIGHTS, "search": {**SEARCH, "query_overlap": 0.123456789}}
    kept = load_weights(write(tmp_path, ranker_json(type(weights)(exact, weights.learned_from))))
    assert kept.by_surface["search"]["query_overlap"] == 0.1235


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "document"),
        (document(schema_version=1), "schema_version"),
        (document(schema_version=4), "schema_version"),
        (document(learned_from={"search": ""}), "learned_from"),
        (document(more=1), "more"),
        (document(weights={"search": SEARCH}), "weights.feed: Field required"),
        (document(weights={**document()["weights"], "mood": SEARCH}), "weights.mood"),
        (with_search({**SEARCH, "astrology": 1.0}), "weights.search has unknown signals: astrology"),
        (document(left_out=[{**LEFT_OUT, "low": float("nan")}]), "left_out.0.low"),
        (document(left_out=[{**LEFT_OUT, "domain": ""}]), "left_out.0.domain"),
        (document(left_out=[{**LEFT_OUT, "more": 1}]), "left_out.0.more"),
        (with_search({**SEARCH, "query_similarity": "1"}), "query_similarity"),
        (with_search({**SEARCH, "query_similarity": True}), "query_similarity"),
        (with_search({**SEARCH, "query_similarity": float("nan")}), "query_similarity"),
        (with_search({**SEARCH, "query_similarity": float("inf")}), "query_similarity"),
        (
            with_search({**SEARCH, "query_similarity": 1e308}),
            "query_similarity: Input should be less than or equal to 1000000$",
        ),
        (
            with_search({**SEARCH, "repeat": -1000001.0}),
            "search.repeat: Input should be greater than or equal to -1000000$",
        ),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(RankerError, match=message) as caught:
        load_weights(write(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_the_largest_weights_that_load_give_scores_to_the_last_decimal(tmp_path: Path) -> None:
    for sign in (1, -1):
        large = dict.fromkeys(SIGNALS, sign * LARGEST_WEIGHT)
        weights = load_weights(write(tmp_path, with_search(large))).by_surface["search"]
        signals = {name: np.array([1.0, 1.0 - 1e-12]) for name in SIGNALS}
        first, second = score(signals, weights).totals
        assert first == sign * len(SIGNALS) * LARGEST_WEIGHT
        assert abs(first - second) == pytest.approx(len(SIGNALS) * 1e-6, abs=1e-6)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RankerError, match="can't be read"):
        load_weights(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("has_query", "has_history", "surface"),
    [(True, False, "search"), (False, True, "feed"), (True, True, "both"), (False, False, "feed")],
)
def test_a_request_is_in_one_situation(has_query: bool, has_history: bool, surface: Surface) -> None:
    assert surface_of(has_query=has_query, has_history=has_history) == surface


def test_only_the_fused_ranker_depends_on_the_situation() -> None:
    weights = default_weights()
    for ranker in RANKERS:
        used = [weights.of(ranker, surface) for surface in SURFACES]
        assert all(set(one) == set(SIGNALS) for one in used)
        assert (used[0] == used[1]) is (ranker != "fused")
