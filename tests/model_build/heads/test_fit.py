from pathlib import Path

import pytest
from rich.progress import Progress

from model_build.common.errors import ExamplesError
from model_build.heads.fit import fit_probe, read_data
from tests.model_build.evaluation.benchmark import FakeSystem
from tests.model_build.heads.tables import write_rows

TEXT = ("label", "text")
ROWS = [
    *(("pet", text) for text in ("cat", "dog cat", "dog")),
    *(("thing", text) for text in ("car", "red car", "car blue")),
]


def test_what_dev_or_test_has_is_left_out_of_training(tmp_path: Path) -> None:
    train = write_rows(tmp_path / "train.tsv", TEXT, ROWS)
    dev = write_rows(tmp_path / "dev.tsv", TEXT, [("pet", "DOG")])
    test = write_rows(tmp_path / "test.tsv", TEXT, [("thing", "car  blue")])
    data = read_data(train, dev, test)
    assert (len(data.train), data.left_out) == (4, 2)
    with pytest.raises(
        ExamplesError, match="the label 'pet' has one example without the 2 rows that dev or test has too"
    ):
        read_data(train, write_rows(dev, TEXT, ROWS[:2]), None)


def test_what_is_measured_is_said(tmp_path: Path) -> None:
    train = write_rows(tmp_path / "train.tsv", TEXT, ROWS)
    other = write_rows(tmp_path / "other.tsv", TEXT, [("pet", "cat cat dog"), ("thing", "green car")])

    def split(dev: Path | None, test: Path | None) -> str:
        probe = fit_probe(read_data(train, dev, test), FakeSystem(), folds=3, seed=0, progress=Progress(disable=True))
        assert probe.metrics(0).accuracy == 1.0
        return probe.split

    assert split(None, other) == "test"
    assert split(other, None) == "dev, which chose the regularisation"
    assert split(None, None) == "train, held out in turn"
