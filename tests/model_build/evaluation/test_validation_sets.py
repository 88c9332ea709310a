from pathlib import Path

import pytest

from model_build.common.errors import DataError
from model_build.evaluation.validation_sets import load_probe, load_validation
from tests.model_build.evaluation.benchmark import FakeSystem, write_pairs, write_search, write_table


def test_validation_never_meets_the_reported_examples(tmp_path: Path) -> None:
    write_search(tmp_path)
    write_pairs(tmp_path, split="dev")
    validation = load_validation(tmp_path)
    assert [query.text for query in validation.films.queries] == ["blue"]
    assert validation.similarity.split == "dev"


def test_validation_metrics(tmp_path: Path) -> None:
    write_search(tmp_path)
    write_pairs(tmp_path, split="dev")
    metrics = load_validation(tmp_path).metrics(FakeSystem())
    assert metrics == {
        "stsb dev Spearman": pytest.approx(1.0),
        "msrd validation NDCG@10": pytest.approx(1.0),
    }


def write_probe(data: Path, *lines: str) -> None:
    write_table(data / "benchmark" / "language" / "banking77" / "train.tsv.xz", "label|text", *lines)


def test_two_parts_of_the_training_split_share_no_text(tmp_path: Path) -> None:
    write_probe(tmp_path, *(f"{number % 3}|text {number // 2}" for number in range(60)))
    probe = load_probe(tmp_path, texts=20)
    assert probe is not None
    assert (len(probe.train_texts), len(probe.test_texts)) == (15, 15)
    assert not set(probe.train_texts) & set(probe.test_texts)
    assert load_probe(tmp_path, texts=20) == probe


def test_without_the_set_there_is_no_probe(tmp_path: Path) -> None:
    assert load_probe(tmp_path) is None


def test_one_label_is_reported(tmp_path: Path) -> None:
    write_probe(tmp_path, "a|x", "a|y")
    with pytest.raises(DataError, match="fewer than two labels"):
        load_probe(tmp_path)
