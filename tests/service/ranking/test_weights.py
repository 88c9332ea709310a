import json
from pathlib import Path
from typing import Any

import pytest

from service.ranking.weights import DEFAULT_WEIGHTS, SIGNALS, RankerError, default_ranker_json, load_weights


def write(folder: Path, document: Any) -> Path:
    path = folder / "ranker.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def document(**changes: Any) -> dict[str, Any]:
    return {"schema_version": 1, "learned_from": "tests", "weights": dict(DEFAULT_WEIGHTS), **changes}


def test_the_default_is_one_that_loads(tmp_path: Path) -> None:
    weights = load_weights(write(tmp_path, default_ranker_json()))
    assert weights.by_signal == DEFAULT_WEIGHTS
    assert tuple(weights.by_signal) == SIGNALS
    assert weights.learned_from.startswith("set by hand")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "document"),
        (document(schema_version=2), "schema_version"),
        (document(learned_from=""), "learned_from"),
        (document(more=1), "more"),
        (document(weights={**DEFAULT_WEIGHTS, "astrology": 1.0}), "unknown signals: astrology"),
        (document(weights={"query_similarity": 1.0}), "lacks weights of: history_similarity"),
        (document(weights={**DEFAULT_WEIGHTS, "query_similarity": "1"}), "query_similarity"),
        (document(weights={**DEFAULT_WEIGHTS, "query_similarity": True}), "query_similarity"),
        (document(weights={**DEFAULT_WEIGHTS, "query_similarity": float("nan")}), "query_similarity"),
        (document(weights={**DEFAULT_WEIGHTS, "query_similarity": float("inf")}), "query_similarity"),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(RankerError, match=message) as caught:
        load_weights(write(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RankerError, match="can't be read"):
        load_weights(tmp_path / "none.json")
