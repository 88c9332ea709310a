import json
from pathlib import Path

import pytest

from model_build.common.systems import Role, System
from model_build.evaluation.evaluate import evaluate
from model_build.evaluation.result import (
    EvaluationResult,
    Measurement,
    SystemSize,
    family_means,
    from_json,
    measured_families,
    to_json,
)
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.tasks.base import Family
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs, write_search

VALUES = {
    "student": {"msrd": 0.6, "homedepot": 0.8, "trec6": 0.5},
    "teacher": {"msrd": 0.8, "homedepot": 1.0, "trec6": 0.0},
    "BM25": {"msrd": 0.7},
}


def measured(system: str, task: str, value: float) -> Measurement:
    return Measurement(system, task, "some", value, value, value, 10, "test", headline=True)


RESULT = EvaluationResult(
    systems=(
        SystemSize("student", Role.ARTIFACT, 1),
        SystemSize("teacher", Role.TEACHER, 2),
        SystemSize("BM25", Role.BASELINE, 0),
    ),
    tasks=("trec6", "homedepot", "msrd", "made up"),
    measurements=tuple(measured(name, task, value) for name, row in VALUES.items() for task, value in row.items()),
    seed=0,
    limit=None,
)


@pytest.fixture
def result(tmp_path: Path) -> EvaluationResult:
    write_search(tmp_path)
    write_pairs(tmp_path)
    others: list[System] = [FakeSystem("fp32", Role.FP32), FakeSystem("teacher", Role.TEACHER), BM25System()]
    return evaluate([FakeSystem(), *others], tmp_path, ["msrd", "stsb"], limit=2)


def test_tasks_go_to_their_families() -> None:
    assert measured_families(RESULT) == {Family.SEARCH: ("homedepot", "msrd"), Family.LANGUAGE: ("trec6",)}


def test_a_family_is_the_mean_of_its_tasks() -> None:
    means = {(mean.family, mean.system): mean for mean in family_means(RESULT)}
    student = means[Family.SEARCH, "student"]
    assert student.value == pytest.approx(0.7)
    assert student.teacher_kept == pytest.approx(0.7 / 0.9)
    assert student.fp32_kept is None
    assert student.tasks == ("homedepot", "msrd")


def test_a_system_without_all_of_a_familys_metrics_has_no_mean() -> None:
    assert [mean.system for mean in family_means(RESULT) if mean.family is Family.SEARCH] == ["student", "teacher"]


def test_there_is_no_share_of_nothing() -> None:
    assert [mean.teacher_kept for mean in family_means(RESULT) if mean.family is Family.LANGUAGE] == [None, None]


def test_the_document_carries_shares_and_families(result: EvaluationResult) -> None:
    document = json.loads(to_json(result))
    assert document["teacher_kept"]["fake"] == {"msrd": 1.0, "stsb": 1.0}
    assert document["fp32_kept"]["fake"] == {"msrd": 1.0, "stsb": 1.0}
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


def test_an_older_document_s_parent_is_fp32(result: EvaluationResult) -> None:
    document = to_json(result).replace('"role": "fp32"', '"role": "parent"')
    assert '"role": "parent"' in document
    assert from_json(document) == result


def test_another_document_is_refused() -> None:
    with pytest.raises(ValueError, match="systems"):
        from_json("{}")
