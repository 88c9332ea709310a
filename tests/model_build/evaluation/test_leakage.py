from pathlib import Path

import pytest

from model_build.common.errors import DataError
from model_build.evaluation.leakage import evaluation_texts, normalized
from tests.model_build.evaluation.benchmark import (
    write_behaviour,
    write_language,
    write_pairs,
    write_search,
    write_table,
)


def test_texts_of_tests_and_queries_but_not_of_training_or_catalogues(tmp_path: Path) -> None:
    write_search(tmp_path)
    write_language(tmp_path)
    write_behaviour(tmp_path)
    write_pairs(tmp_path, "mrpc")
    write_table(tmp_path / "benchmark/pairs/stsb/dev.tsv.xz", "label|text_a|text_b", "1|Dev  Left|dev right")
    write_table(tmp_path / "benchmark/pairs/stsb/train.tsv.xz", "label|text_a|text_b", "1|seen left|seen right")
    assert evaluation_texts(tmp_path) == {
        *("red", "green dog", "nothing relevant", "blue"),
        *("cat dog", "car", "blue car"),
        *("red cat", "red dog"),
        *("dev left", "dev right"),
    }


def test_a_folder_without_a_benchmark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="benchmark is missing"):
        evaluation_texts(tmp_path)


def test_texts_are_compared_without_case_and_spacing() -> None:
    assert normalized("  Straße\t und  ALLEE\n") == "strasse und allee"
