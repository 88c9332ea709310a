from pathlib import Path

import pytest

from model_build.tasks.data import Task, read_task
from tests.model_build.tasks.materials import write_pairs, write_texts
from tests.shared import built_once


def _write(folder: Path) -> None:
    write_texts(folder / "train.tsv")
    write_texts(folder / "test.tsv", 30, seed=1)
    write_pairs(folder / "pairs.tsv")


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `train.tsv` and `test.tsv` of texts, and with `pairs.tsv`."""
    return built_once(tmp_path_factory, "task-tables", _write)


@pytest.fixture(scope="session")
def text_task(tables: Path) -> Task:
    return read_task(tables / "train.tsv", None, tables / "test.tsv", dev_share=0.2, seed=1)


@pytest.fixture(scope="session")
def pair_task(tables: Path) -> Task:
    return read_task(tables / "pairs.tsv", None, None, dev_share=0.2, seed=1)
