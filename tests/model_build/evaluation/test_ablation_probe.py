from pathlib import Path

import pytest

from model_build.evaluation import DataError
from model_build.evaluation.ablation_probe import load_probe
from tests.model_build.evaluation.benchmark import write_table


def write(data: Path, *lines: str) -> None:
    write_table(data / "benchmark" / "language" / "banking77" / "train.tsv.xz", "label|text", *lines)


def test_two_parts_of_the_training_split_share_no_text(tmp_path: Path) -> None:
    write(tmp_path, *(f"{number % 3}|text {number // 2}" for number in range(60)))
    probe = load_probe(tmp_path, texts=20)
    assert probe is not None
    assert (len(probe.train_texts), len(probe.test_texts)) == (15, 15)
    assert not set(probe.train_texts) & set(probe.test_texts)
    assert load_probe(tmp_path, texts=20) == probe


def test_without_the_set_there_is_no_probe(tmp_path: Path) -> None:
    assert load_probe(tmp_path) is None


def test_one_label_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a|x", "a|y")
    with pytest.raises(DataError, match="fewer than two labels"):
        load_probe(tmp_path)
