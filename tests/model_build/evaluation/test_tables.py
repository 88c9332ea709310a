import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from model_build.common.systems import Role, System
from model_build.evaluation.evaluate import evaluate
from model_build.evaluation.quality import kept
from model_build.evaluation.result import EvaluationResult, Share
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.tables import family_table, fp32_table, quality_table, teacher_table
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs, write_search


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> EvaluationResult:
    folder = tmp_path_factory.mktemp("tables")
    write_search(folder)
    write_pairs(folder)
    others: list[System] = [FakeSystem("fake fp32", Role.FP32), FakeSystem("teacher", Role.TEACHER), BM25System()]
    return evaluate([FakeSystem(), *others], folder, ["msrd", "stsb"])


def shown(table: Table | None) -> str:
    assert table is not None
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_figures_with_their_intervals(result: EvaluationResult) -> None:
    text = shown(quality_table(result))
    for expected in ("Spearman", "NDCG@10", "1.90 MB", "no model", "0.783", "0.565 to 1.000"):
        assert expected in text


def test_percent_of_the_teacher(result: EvaluationResult) -> None:
    text = shown(teacher_table(result))
    assert "Percent of teacher kept" in text
    assert "(100.0 to 100.0)" in text


def test_percent_of_fp32(result: EvaluationResult) -> None:
    text = shown(fp32_table(result))
    assert "Percent of fp32 kept" in text
    assert "95 % interval" in text
    assert "100.0 to 100.0" in text


def test_means_by_family(result: EvaluationResult) -> None:
    text = shown(family_table(result))
    assert "Mean by family, and percent of teacher kept" in text
    assert "similarity" in text
    assert "language" not in text


def test_what_did_not_take_part_has_no_table(tmp_path: Path) -> None:
    write_pairs(tmp_path)
    alone = evaluate([FakeSystem()], tmp_path, ["stsb"])
    assert teacher_table(alone) is None
    assert fp32_table(alone) is None
    assert "kept" not in shown(family_table(alone))


def test_a_share_is_shown_with_its_interval(result: EvaluationResult) -> None:
    told = replace(result, shares=(Share("fake", "teacher", "msrd", 1.0, 0.9412, 1.02),))
    assert str(kept(told, "fake", told.teacher, "msrd")) == "100.0 % (94.1 to 102.0)"
    assert str(kept(told, "BM25", told.teacher, "stsb")) == "-"
