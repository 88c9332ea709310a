import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from model_build.evaluation import DataError, EvaluationError, Role, UnknownTaskError, evaluate, from_json, to_json
from model_build.evaluation.evaluate import embedding_progress
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.systems.random import RandomSystem
from model_build.evaluation.table import percent, quality_table, size, teacher_table
from model_build.evaluation.task import Family
from model_build.evaluation.tasks import DEFAULT_TASKS, family_of, task_names
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
    assert result.teacher_kept("fake", "stsb") == pytest.approx(1.0)
    own, best = result.headline("random", "msrd"), result.headline("teacher", "msrd")
    assert own is not None
    assert best is not None
    assert result.teacher_kept("random", "msrd") == pytest.approx(own.value / best.value)
    assert evaluate([FakeSystem()], data, ["stsb"]).teacher_kept("fake", "stsb") is None


def test_figures_for_a_manifest(data: Path) -> None:
    (figure,) = evaluate([FakeSystem(), RandomSystem()], data, ["online_retail"]).figures("fake")
    assert (figure.task, figure.value, figure.examples) == ("online_retail", 0.5, 2)
    assert figure.metric == "HR@10, popular negatives"


def test_json_carries_the_share_of_the_teacher(data: Path) -> None:
    result = evaluate([FakeSystem(), FakeSystem("teacher", Role.TEACHER)], data, ["stsb"])
    document = json.loads(to_json(result))
    assert document["teacher_kept"] == {"fake": {"stsb": 1.0}}
    assert document["systems"][1] == {"name": "teacher", "role": "teacher", "bytes": 1_900_000}
    assert document["measurements"][0]["metric"] == "Spearman"


def test_json_gives_the_result_back(data: Path) -> None:
    result = evaluate([FakeSystem(), BM25System()], data, ["stsb", "msrd"], limit=2)
    assert from_json(to_json(result)) == result
    with pytest.raises(ValueError, match="systems"):
        from_json("{}")


def test_tables_show_figures_and_shares(data: Path) -> None:
    result = evaluate([FakeSystem(), BM25System(), FakeSystem("teacher", Role.TEACHER)], data, ["stsb", "msrd"])
    console = Console(width=140, record=True, file=io.StringIO())
    kept = teacher_table(result)
    assert kept is not None
    console.print(quality_table(result), kept)
    text = console.export_text()
    for expected in ("Spearman", "NDCG@10", "1.90 MB", "0.783", "100.0 %", "Percent of teacher kept"):
        assert expected in text
    assert teacher_table(evaluate([FakeSystem()], data, ["stsb"])) is None


def test_numbers_for_readers() -> None:
    assert (size(1_910_000), size(0)) == ("1.91 MB", "no model")
    assert (percent(0.9731), percent(None)) == ("97.3 %", "-")


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
    assert embedding_progress(visible=False).disable


def test_vectors_may_be_kept_between_runs(data: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = evaluate([FakeSystem()], data, ["stsb"], cache=cache)
    system = FakeSystem()
    assert evaluate([system], data, ["stsb"], cache=cache) == first
    assert system.calls == []


def test_the_default_tasks_exist_and_stand_by_family() -> None:
    assert set(DEFAULT_TASKS) < set(task_names())
    families = [family_of(task) for task in DEFAULT_TASKS]
    assert list(dict.fromkeys(families)) == list(Family)
    assert families == sorted(families, key=lambda family: list(Family).index(family or Family.SEARCH))
    assert family_of("mteb") is None
