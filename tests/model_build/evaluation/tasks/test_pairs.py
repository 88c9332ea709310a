from pathlib import Path

import pytest

from model_build.common.errors import DataError
from model_build.evaluation.tasks.registry import task_named
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs, write_table


def test_graded_pairs_are_correlated(tmp_path: Path) -> None:
    write_pairs(tmp_path)
    (outcome,) = task_named("stsb").load(tmp_path, limit=None, seed=0).measure(FakeSystem())
    assert (outcome.metric, outcome.examples, outcome.split) == ("Spearman", 3, "test")
    assert outcome.value == pytest.approx(1.0)


def test_matching_pairs_are_separated(tmp_path: Path) -> None:
    write_table(
        tmp_path / "benchmark/pairs/mrpc/test.tsv.xz",
        "label|text_a|text_b",
        "1|red|red",
        "1|red|dog",
        "0|red|red cat",
        "0|cat|car",
    )
    (outcome,) = task_named("mrpc").load(tmp_path, limit=None, seed=0).measure(FakeSystem())
    # Cosines 1, 0 against 0.71, 0: wins 2 of the first, half a win of the second.
    assert outcome.metric == "ROC-AUC"
    assert outcome.value == pytest.approx(2.5 / 4)


def test_a_label_that_is_no_grade_is_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "benchmark/pairs/stsb/test.tsv.xz", "label|text_a|text_b", "high|a|b")
    with pytest.raises(DataError, match="is not a grade"):
        task_named("stsb").load(tmp_path, limit=None, seed=0)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "benchmark/pairs/stsb/test.tsv.xz", "label|text_a|text_b")
    with pytest.raises(DataError, match="has no rows"):
        task_named("stsb").load(tmp_path, limit=None, seed=0)
