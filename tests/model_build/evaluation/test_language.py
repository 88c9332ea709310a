from pathlib import Path

import pytest

from model_build.evaluation.errors import DataError
from model_build.evaluation.tasks import task_named
from tests.model_build.evaluation.benchmark import FakeSystem, write_language, write_table


def test_a_probe_learns_from_frozen_vectors(tmp_path: Path) -> None:
    write_language(tmp_path)
    (outcome,) = task_named("trec6").load(tmp_path, limit=None, seed=0).measure(FakeSystem())
    # The last test text is a car that is labelled a pet.
    assert outcome.value == pytest.approx(2 / 3)
    assert outcome.examples == 3


def test_one_label_teaches_nothing(tmp_path: Path) -> None:
    write_language(tmp_path)
    write_table(tmp_path / "benchmark/language/trec6/train.tsv.xz", "label|text", "pet|cat")
    with pytest.raises(DataError, match="fewer than two labels"):
        task_named("trec6").load(tmp_path, limit=None, seed=0)
