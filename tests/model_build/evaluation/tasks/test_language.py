from dataclasses import replace
from pathlib import Path

import pytest

from model_build.common.errors import DataError
from model_build.evaluation.tasks.language import LanguageProblem, without
from model_build.evaluation.tasks.registry import task_named
from tests.model_build.evaluation.benchmark import FakeSystem, write_language, write_table


def test_a_probe_learns_from_frozen_vectors(tmp_path: Path) -> None:
    write_language(tmp_path)
    (outcome,) = task_named("trec6").load(tmp_path, limit=None, seed=0).measure(FakeSystem())
    # The last test text is a car that is labelled a pet.
    assert outcome.value == pytest.approx(2 / 3)
    assert outcome.examples == 3


def test_the_probe_meets_no_test_text_while_it_is_fit(tmp_path: Path) -> None:
    write_language(tmp_path)
    problem = task_named("trec6").load(tmp_path, limit=1, seed=0)
    assert isinstance(problem, LanguageProblem)
    # "car" is a test text, though the limit may not have drawn it, and so is "Cat dog".
    assert problem.train_texts == ("cat", "dog", "red car")
    assert without([("pet", "CAT  dog"), ("pet", "dog")], [("pet", "Cat dog")]) == [("pet", "dog")]


def test_a_test_label_changes_no_prediction(tmp_path: Path) -> None:
    write_language(tmp_path)
    problem = task_named("trec6").load(tmp_path, limit=None, seed=0)
    assert isinstance(problem, LanguageProblem)
    swapped = {"pet": "thing", "thing": "pet"}
    other = replace(problem, test_labels=tuple(swapped[label] for label in problem.test_labels))
    right, wrong = (one.measure(FakeSystem())[0].value for one in (problem, other))
    assert right + wrong == pytest.approx(1.0)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    write_language(tmp_path)
    write_table(tmp_path / "benchmark/language/trec6/test.tsv.xz", "label|text")
    with pytest.raises(DataError, match="has no rows"):
        task_named("trec6").load(tmp_path, limit=None, seed=0)


def test_one_label_teaches_nothing(tmp_path: Path) -> None:
    write_language(tmp_path)
    write_table(tmp_path / "benchmark/language/trec6/train.tsv.xz", "label|text", "pet|cat")
    with pytest.raises(DataError, match="fewer than two labels"):
        task_named("trec6").load(tmp_path, limit=None, seed=0)
