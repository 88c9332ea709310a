import json
from pathlib import Path

import pytest

from model_build.evaluation import EvaluationResult, Role, System, evaluate, from_json, to_json
from model_build.evaluation.systems.bm25 import BM25System
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs, write_search


@pytest.fixture
def result(tmp_path: Path) -> EvaluationResult:
    write_search(tmp_path)
    write_pairs(tmp_path)
    others: list[System] = [FakeSystem("fp32", Role.PARENT), FakeSystem("teacher", Role.TEACHER), BM25System()]
    return evaluate([FakeSystem(), *others], tmp_path, ["msrd", "stsb"], limit=2)


def test_the_document_carries_shares_and_families(result: EvaluationResult) -> None:
    document = json.loads(to_json(result))
    assert document["teacher_kept"]["fake"] == {"msrd": 1.0, "stsb": 1.0}
    assert document["parent_kept"]["fake"] == {"msrd": 1.0, "stsb": 1.0}
    assert document["shares"][0]["reference"] == "teacher"
    teacher = {"name": "teacher", "role": "teacher", "bytes": 1_900_000, "identity": "fake teacher"}
    assert document["systems"][2] == teacher
    assert document["measurements"][0]["metric"] == "NDCG@10"
    search = [mean for mean in document["families"] if mean["family"] == "search"]
    assert [mean["system"] for mean in search] == ["fake", "fp32", "teacher", "BM25"]
    assert search[0]["tasks"] == ["msrd"]
    assert search[0]["teacher_kept"] == 1.0


def test_the_document_gives_the_result_back(result: EvaluationResult) -> None:
    assert result.shares
    assert from_json(to_json(result)) == result


def test_a_document_without_shares_is_read_too(result: EvaluationResult) -> None:
    document = json.loads(to_json(result))
    del document["shares"]
    assert from_json(json.dumps(document)).shares == ()


def test_another_document_is_refused() -> None:
    with pytest.raises(ValueError, match="systems"):
        from_json("{}")
