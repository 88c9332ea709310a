from pathlib import Path

import pytest
from rich.progress import Progress

from model_build.common.errors import DataError, EvaluationError, UnknownTaskError
from model_build.common.systems import Role, System
from model_build.evaluation.evaluate import evaluate
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.systems.random import RandomSystem
from model_build.evaluation.tasks.base import Family
from model_build.evaluation.tasks.registry import DEFAULT_TASKS, family_of
from tests.model_build.evaluation.benchmark import (
    FakeSystem,
    write_behaviour,
    write_language,
    write_pairs,
    write_search,
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_search(tmp_path)
    write_pairs(tmp_path)
    write_language(tmp_path)
    write_behaviour(tmp_path)
    return tmp_path


def test_every_system_meets_every_task_that_it_can(data: Path) -> None:
    result = evaluate([FakeSystem(), BM25System()], data, ["stsb", "msrd", "trec6", "online_retail"])
    assert {(one.system, one.task) for one in result.measurements} == {
        ("fake", "stsb"),
        ("fake", "msrd"),
        ("fake", "trec6"),
        ("fake", "online_retail"),
        ("BM25", "msrd"),
    }
    assert result.headline("BM25", "stsb") is None
    stsb = result.headline("fake", "stsb")
    assert stsb is not None
    assert stsb.value == pytest.approx(1.0)
    assert all(one.low <= one.value <= one.high for one in result.measurements)


def test_the_same_seed_gives_the_same_result(data: Path) -> None:
    first, again = (evaluate([FakeSystem()], data, ["msrd", "stsb"], seed=3, limit=2) for _ in range(2))
    assert first == again


def test_the_share_of_the_teacher(data: Path) -> None:
    teacher = FakeSystem("teacher", Role.TEACHER)
    result = evaluate([RandomSystem(), FakeSystem(), teacher], data, ["stsb", "msrd"])
    assert result.teacher is not None
    assert result.teacher.name == "teacher"
    assert result.kept("fake", result.teacher, "stsb") == pytest.approx(1.0)
    own, best = result.headline("random", "msrd"), result.headline("teacher", "msrd")
    assert own is not None
    assert best is not None
    assert result.kept("random", result.teacher, "msrd") == pytest.approx(own.value / best.value)
    alone = evaluate([FakeSystem()], data, ["stsb"])
    assert alone.kept("fake", alone.teacher, "stsb") is None


def test_figures_for_a_manifest(data: Path) -> None:
    (figure,) = evaluate([FakeSystem(), RandomSystem()], data, ["online_retail"]).figures("fake")
    assert (figure.task, figure.value, figure.examples) == ("online_retail", 0.5, 2)
    assert figure.metric == "HR@10, popular negatives"


def test_shares_are_of_the_first_teacher_and_of_fp32(data: Path) -> None:
    teachers = [FakeSystem("first", Role.TEACHER), FakeSystem("second", Role.TEACHER)]
    systems: list[System] = [FakeSystem(), *teachers, FakeSystem("fp32", Role.FP32), RandomSystem()]
    result = evaluate(systems, data, ["msrd"])
    assert result.teacher is not None
    assert result.teacher.name == "first"
    assert result.fp32 is not None
    assert [(share.system, share.reference) for share in result.shares] == [("fake", "first"), ("fake", "fp32")]
    share = result.share("fake", result.fp32, "msrd")
    assert share is not None
    # The same vectors: on every sample, all of the figure is kept.
    assert (share.value, share.low, share.high) == (1.0, 1.0, 1.0)
    assert result.kept("fake", result.fp32, "msrd") == 1.0
    assert result.share("random", result.teacher, "msrd") is None


def test_a_share_without_an_interval_is_still_a_share(data: Path) -> None:
    # In some sample of three pairs all are the same, and the teacher's correlation with their grades is none.
    result = evaluate([FakeSystem(), FakeSystem("teacher", Role.TEACHER)], data, ["stsb"])
    assert result.shares == ()
    assert result.kept("fake", result.teacher, "stsb") == pytest.approx(1.0)


def test_an_unknown_task_lists_the_tasks(data: Path) -> None:
    with pytest.raises(UnknownTaskError, match=r"no task 'mteb'; the tasks are .*msrd.*banking77"):
        evaluate([FakeSystem()], data, ["mteb"])


def test_data_is_checked_before_anything_is_measured(data: Path) -> None:
    system = FakeSystem()
    with pytest.raises(DataError, match=r"mrpc/test\.tsv\.xz is missing"):
        evaluate([system], data, ["stsb", "mrpc"])
    assert system.calls == []


def test_names_must_differ(data: Path) -> None:
    with pytest.raises(EvaluationError, match="different names"):
        evaluate([FakeSystem(), FakeSystem()], data, ["stsb"])


def test_progress_leaves_no_bar_behind(data: Path) -> None:
    progress = Progress(disable=True)
    evaluate([FakeSystem(), BM25System()], data, ["msrd"], progress=progress)
    assert progress.tasks == []


def test_vectors_may_be_kept_between_runs(data: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = evaluate([FakeSystem()], data, ["stsb"], cache=cache)
    system = FakeSystem()
    assert evaluate([system], data, ["stsb"], cache=cache) == first
    assert system.calls == []


def test_the_default_tasks_exist_and_stand_by_family() -> None:
    families = [family_of(task) for task in DEFAULT_TASKS]
    assert list(dict.fromkeys(families)) == list(Family)
    assert families == sorted(families, key=lambda family: list(Family).index(family or Family.SEARCH))
    assert family_of("mteb") is None
