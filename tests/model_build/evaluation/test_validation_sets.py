from pathlib import Path

import pytest

from model_build.evaluation import load_validation
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs, write_search


def test_validation_never_meets_the_reported_examples(tmp_path: Path) -> None:
    write_search(tmp_path)
    write_pairs(tmp_path, split="dev")
    validation = load_validation(tmp_path)
    assert [query.text for query in validation.films.queries] == ["blue"]
    assert validation.similarity.split == "dev"


def test_validation_figures(tmp_path: Path) -> None:
    write_search(tmp_path)
    write_pairs(tmp_path, split="dev")
    figures = load_validation(tmp_path).figures(FakeSystem())
    assert figures == {
        "stsb dev Spearman": pytest.approx(1.0),
        "msrd validation NDCG@10": pytest.approx(1.0),
    }
